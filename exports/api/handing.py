"""REST of handing packages out: links, deliveries, the password, who has it, taking back."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from exports.actions import deliveries as actions
from exports.actions import links
from exports.holders import holders
from exports.models import Delivery, DownloadLink, Package, PackageDestination
from exports.models.links import MOST_USES
from projects.access import project_at
from projects.api import signed_in
from projects.lists import OF_PAGES, refuse_unknown
from projects.models import User
from projects.roles import Permission
from transfers.api import obey


class LinkSerializer(serializers.ModelSerializer[DownloadLink]):
    """A link to a package; its address is told once, when it is made."""

    account = serializers.SlugRelatedField[User](
        slug_field="username", read_only=True, allow_null=True
    )
    recipient = serializers.CharField(read_only=True, help_text="An e-mail address, or empty.")
    made_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    is_open = serializers.BooleanField(read_only=True)

    class Meta:
        model = DownloadLink
        fields: tuple[str, ...] = (
            *("id", "account", "recipient", "made_by", "created_at", "expires_at"),
            *("most_uses", "use_count", "wrong_count", "revoked_at", "is_open"),
        )
        read_only_fields: tuple[str, ...] = fields


class MadeLinkSerializer(LinkSerializer):
    """A new link with its address, which is told now and never again."""

    address = serializers.SerializerMethodField()

    class Meta(LinkSerializer.Meta):
        fields = (*LinkSerializer.Meta.fields, "address")
        read_only_fields = fields

    def get_address(self, _: DownloadLink) -> str:
        """Return the address with the token."""
        address: str = self.context["address"]
        return address


class NewLinkSerializer(serializers.Serializer[Any]):
    """Whom a link is for: an account, or an e-mail address."""

    account = serializers.SlugRelatedField[User](
        slug_field="username", queryset=User.objects.filter(is_active=True), required=False
    )
    recipient = serializers.EmailField(required=False, default="")
    expires_at = serializers.DateTimeField()
    most_uses = serializers.IntegerField(min_value=1, max_value=MOST_USES, default=3)


class SecretSerializer(serializers.Serializer[Any]):
    """A code or a password, which goes another way than the file."""

    secret = serializers.CharField(read_only=True)


class PackageDeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A package on its way to a destination."""

    destination = serializers.SlugRelatedField[PackageDestination](
        slug_field="name", read_only=True
    )
    requested_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True)

    class Meta:
        model = Delivery
        fields = (
            *("id", "destination", "requested_by", "state", "reason", "done_bytes", "done_images"),
            *("proof", "created_at", "ended_at"),
        )
        read_only_fields = fields


class NewPackageDeliverySerializer(serializers.Serializer[Any]):
    """Where a package goes."""

    destination = serializers.CharField(help_text="The name of a destination of the project.")


class HolderSerializer(serializers.Serializer[Any]):
    """Somebody who has a package, or a part of it."""

    name = serializers.CharField(read_only=True)
    how = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    is_whole = serializers.BooleanField(read_only=True)


def _package(
    request: Request, pk: int, right: Permission = Permission.EXPORT
) -> tuple[User, Package]:
    """Return who asks, and a package over which this person has a right."""
    user = signed_in(request)
    visible = Package.objects.visible_to(user).select_related("project")
    package: Package = get_object_or_404(visible, pk=pk)
    project_at(user, package.project.acronym, right)
    return user, package


@extend_schema_view(get=extend_schema(operation_id="export_links"))
class LinkList(generics.ListAPIView[DownloadLink]):
    """The links to a package."""

    queryset = DownloadLink.objects.none()
    serializer_class = LinkSerializer

    def get_queryset(self) -> QuerySet[DownloadLink]:
        """Those of a package that this person may hand out."""
        _, package = _package(self.request, self.kwargs["pk"])
        return package.links.select_related("account", "made_by")

    @extend_schema(
        operation_id="export_link_make",
        request=NewLinkSerializer,
        responses={201: MadeLinkSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make another link and tell its address, this once."""
        user, package = _package(request, pk)
        asked = NewLinkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts: dict[str, Any] = asked.validated_data
        ends: datetime = facts["expires_at"]
        made = obey(
            lambda: links.make_link(
                by=user,
                package=package,
                account=facts.get("account"),
                recipient=facts["recipient"],
                expires_at=ends,
                most_uses=facts["most_uses"],
            )
        )
        address = request.build_absolute_uri(reverse("export-get")) + f"#{made.token}"
        told = MadeLinkSerializer(made.link, context={"address": address})
        return Response(told.data, status=201)


@extend_schema(request=None, responses=LinkSerializer)
@api_view(["POST"])
def revoke_link(request: Request, pk: int, link_pk: int) -> Response:
    """Take a link back; a download under way by it ends at its next range."""
    user, package = _package(request, pk, Permission.WITHDRAW_PACKAGES)
    link = get_object_or_404(package.links, pk=link_pk)
    obey(lambda: links.revoke_link(by=user, link=link))
    link.refresh_from_db()
    return Response(LinkSerializer(link).data)


@extend_schema(request=None, responses=SecretSerializer)
@api_view(["POST"])
def link_code(request: Request, pk: int, link_pk: int) -> Response:
    """The code that somebody without an account types besides; that it was shown is recorded."""
    user, package = _package(request, pk)
    link = get_object_or_404(package.links, pk=link_pk, account=None)
    return Response(SecretSerializer({"secret": links.show_code(by=user, link=link)}).data)


@extend_schema(request=None, responses=SecretSerializer)
@api_view(["POST"])
def password(request: Request, pk: int) -> Response:
    """The password of an encrypted package; that it was shown is recorded."""
    user, package = _package(request, pk)
    secret = actions.show_password(by=user, package=package)
    return Response(SecretSerializer({"secret": secret}).data)


@extend_schema_view(get=extend_schema(operation_id="export_deliveries"))
class DeliveryList(generics.ListAPIView[Delivery]):
    """Where a package was sent."""

    queryset = Delivery.objects.none()
    serializer_class = PackageDeliverySerializer

    def get_queryset(self) -> QuerySet[Delivery]:
        """Those of a package that this person may hand out."""
        _, package = _package(self.request, self.kwargs["pk"])
        return package.deliveries.select_related("destination", "requested_by")

    @extend_schema(
        operation_id="export_deliver",
        request=NewPackageDeliverySerializer,
        responses={201: PackageDeliverySerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send the package to a destination of its project."""
        user, package = _package(request, pk)
        asked = NewPackageDeliverySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        usable = PackageDestination.objects.open_to(package.project)
        destination = usable.filter(name=asked.validated_data["destination"]).first()
        if destination is None:
            sentence = f"{package.project.acronym} has no destination of this name."
            raise serializers.ValidationError({"destination": [sentence]})
        delivery = obey(lambda: actions.deliver(by=user, package=package, destination=destination))
        return Response(PackageDeliverySerializer(delivery).data, status=201)


@extend_schema(request=None, responses=PackageDeliverySerializer)
@api_view(["POST"])
def cancel_delivery(request: Request, pk: int, delivery_pk: int) -> Response:
    """Stop a delivery."""
    user, package = _package(request, pk, Permission.WITHDRAW_PACKAGES)
    delivery = get_object_or_404(package.deliveries, pk=delivery_pk)
    obey(lambda: actions.cancel_delivery(by=user, delivery=delivery))
    delivery.refresh_from_db()
    return Response(PackageDeliverySerializer(delivery).data)


class HolderList(generics.GenericAPIView[Package]):
    """Who took a package or a part of it, and which destinations have it."""

    queryset = Package.objects.none()
    serializer_class = HolderSerializer

    @extend_schema(operation_id="export_holders", responses=HolderSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List them."""
        package = get_object_or_404(Package.objects.visible_to(signed_in(request)), pk=pk)
        refuse_unknown(request, set(OF_PAGES))
        page: Any = self.paginate_queryset(holders(package))
        return self.get_paginated_response(HolderSerializer(page, many=True).data)


@extend_schema(request=None, responses=HolderSerializer(many=True))
@api_view(["POST"])
def revoke(request: Request, pk: int) -> Response:
    """Take a package back: its file goes, its links end, its deliveries stop.

    The answer lists who has it already.
    """
    user = signed_in(request)
    package = get_object_or_404(Package.objects.visible_to(user), pk=pk)
    obey(lambda: actions.revoke_package(by=user, package=package))
    return Response(HolderSerializer(holders(package), many=True).data)
