"""What is done to a notebook on behalf of a user: edit its header, infer one, write its lock.

The command line and the server both use it. It prints nothing: what there is to say is returned.
"""
