"""The description of the REST interface, and the page that shows it.

The page comes from the sidecar: no other host is asked for anything. It is split in two, so that
no script stands in the page itself. Swagger UI sets styles by script and not as attributes of what
it writes, so this page needs no policy of its own.
"""

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from projects.tokens import describing  # noqa: F401 - what is imported is known

schema = SpectacularAPIView.as_view()


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI, set up by a script file of its own."""

    url_name = "api-schema"
    template_name = "rdma/api_docs.html"


docs = login_required(Docs.as_view())
