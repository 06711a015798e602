"""`python -m optimize`: compile the model of model/ again, or say why that cannot be done."""

from optimize.compiling import add_equal
from package import FOLDER

if __name__ == "__main__":
    add_equal(FOLDER)
