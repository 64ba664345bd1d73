"""The description of the REST interface, and the page that shows it.

The page comes from the sidecar: no other host is asked for anything. It is split in two, so that
no script stands in the page itself; Swagger UI sets style attributes on its own elements, so this
page alone permits those.
"""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = SpectacularAPIView.as_view()


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI, set up by a script file of its own."""

    url_name = "api-schema"
    template_name = "rdma/api_docs.html"


docs = login_required(csp_update({"style-src": [SELF, UNSAFE_INLINE]})(Docs.as_view()))
