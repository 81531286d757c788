"""What runs inside every kernel that Headstart launches.

Standard library only, plus the ipykernel that it starts. It is copied into each kernel layer, runs
on any Python that a kernel may use (3.8 and later), and cannot break a user's imports: it is one
package at the very end of ``sys.path``.
"""
