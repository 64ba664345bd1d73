"""The addresses of this room: pages and REST."""

from django.urls import path

from intake import api, views

urlpatterns = [
    path("attach/", views.attach, name="attach"),
    path("attach/begin/", views.attach_begin, name="attach-begin"),
    path("attach/<int:pk>/", views.upload_page, name="upload"),
    path("attach/<int:pk>/files/", views.attach_files, name="attach-files"),
    path("attach/<int:pk>/close/", views.attach_close, name="attach-close"),
    path("api/v1/studies/", api.StudyList.as_view(), name="api-study-list"),
    path("api/v1/studies/lookup/", api.StudyLookup.as_view(), name="api-study-lookup"),
    path("api/v1/studies/uploads/<int:pk>/", api.UploadDetail.as_view(), name="api-upload"),
    path("api/v1/studies/<int:pk>/", api.StudyDetail.as_view(), name="api-study-detail"),
]
