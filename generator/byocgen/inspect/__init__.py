"""What a model file says about itself, read without running it: no unpickling, no import of the library that wrote it.

facts                what is found
artifact             the stage: a path to facts
damage               why a file cannot be read, and how much of one is
files                bytes, wherever they lie; compression
trees                folders and tar archives
pickle_machine       pickles without their power: what would be made, as inert values
pickle_opcodes       every opcode
inert                the values
arrays               numpy's arrays among them, joblib's too
estimators           the scikit-learn API among them
imports              what a pickle imports, judged
pickles              joblib and pickle files
torch_file           torch.save, TorchScript, torch.export
transformers_folder  save_pretrained
safetensors_file     safetensors
xgboost_model        XGBoost's JSON and UBJSON
json_events          JSON of any size
ubjson               UBJSON
lightgbm_text        LightGBM's text
onnx_model           ONNX
protobuf             its wire form
weights              numbers by type
"""
