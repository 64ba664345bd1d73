"""The description of the REST interface, and the page that shows it.

The page comes from the sidecar: no other host is asked for anything.
"""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = SpectacularAPIView.as_view()
docs = SpectacularSwaggerSplitView.as_view(url_name="api-schema")
