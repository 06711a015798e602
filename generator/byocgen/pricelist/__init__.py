"""AWS's price list of SageMaker: asked, read, and kept as a file that a project commits.

ask       GetProducts of AWS, through boto3
products  what it answers, as rows of prices
file      those rows as a text, and back as the catalogue's prices
"""
