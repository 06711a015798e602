"""One module a command: it calls `workflow`, hands the result to `present`, and knows no option parser."""
