"""What we send on our own account, one file each; `register.py` lists them all."""
