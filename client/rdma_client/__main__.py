"""`python -m rdma_client` is `rdma`."""

from rdma_client.command_line import run

run()
