"""The account steps of the full day: sign-up, profile, KYC, notifications, deletion."""

from datetime import timedelta

from app import app
from chalicelib.domain.text.days import day_of
from chalicelib.services import outbox
from chalicelib.services.audit import segment_walks
from chalicelib.services.media import store_deletion as media_deletion
from chalicelib.services.notifications import broadcast_push, push
from chalicelib.services.reconciliation import comparison
from chalicelib.services.rewards import leaderboard_refresh, points
from chalicelib.services.topups import crediting
from chalicelib.services.users import deletion
from chalicelib.tables import users
from chalicelib.tables.dynamodb import fetch_one
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.scenarios.day_client import EMAIL, NEXT_PUSH_TOKEN, PHONE, PUSH_TOKEN, DayClient
from tests.world.builders import LABIM
from tests.world.forms import form, kyc_form
from tests.world.http_client import request
from tests.world.pictures import phone_photo
from tests.world.tokens import token_of


class AccountSteps(DayClient):
    """Steps that change the account."""

    def sign_up(self) -> None:
        proof = {"identifier": PHONE, "verification_token": self.prove()}
        self.store_tokens(self.request("POST", "/api/auth/register", proof | {"username": "sita_g"}).data["tokens"])
        for body in self.take(outbox.POINTS):
            points.award(self.network.world, body)
        self.request("GET", "/api/auth/me")
        who = {"full_name": "Sita Gurung", "date_of_birth": "1996-04-13", "address": "Patan Dhoka"}
        self.request("PUT", "/api/user/profile", who)
        self.request("PATCH", "/api/user/profile", {"language": "ne"})
        self.upload_avatar()
        assert self.request("GET", "/api/user/profile").data["is_profile_complete"]

    def use_codes(self) -> None:
        """Claim a friend's referral code, and use a coupon that a super admin issues and ends."""
        own = self.request("GET", "/api/referral/my-code").data
        assert (own["invited_count"], own["rewarded_count"]) == (0, 0)
        friend = fetch_one(users.user_key(self.network.customer(wallet_paisa=0)))
        assert friend is not None
        valid = self.request("GET", f"/api/referral/validate?code={friend.referral_code}").data
        assert valid == {"valid": True, "inviter_username": friend.username}
        assert self.request("POST", "/api/referral/claim", {"code": friend.referral_code}).data["status"] == "claimed"
        assert self.request("GET", "/api/users/achievements").data["results"][0]["current_progress"] == 0
        path, day = "/api/admin/promotions/coupons", str(day_of(self.network.world.now()))
        coupon = {"code": "TIHAR10", "name": "Tihar", "points_value": 10, "valid_from": day, "valid_until": day}
        self.request_as_operator("POST", path, coupon)
        assert self.request("POST", "/api/promotions/apply-coupon", {"code": "tihar 10"}).data["points_awarded"] == 10
        assert self.request_as_operator("PUT", f"{path}/TIHAR10", {"status": "INACTIVE"}).data["total_uses"] == 1
        usages = self.request_as_operator("GET", f"{path}/TIHAR10/usages").data
        assert [item["points_awarded"] for item in usages["results"]] == [10]
        assert "TIHAR10" in [item["code"] for item in self.request_as_operator("GET", path).data["results"]]
        assert self.request_as_operator("GET", f"{path}/TIHAR10").data["name"] == "Tihar"
        assert self.request("GET", "/api/promotions/my-coupons").data["results"][0]["status"] == "inactive"

    def earn_rewards(self) -> None:
        """A newcomer claims the customer's code, and the completed rentals unlock an achievement."""
        code = self.request("GET", "/api/referral/my-code").data["referral_code"]
        token = token_of(self.network, self.network.newcomer())
        assert request(app, "POST", "/api/referral/claim", {"code": code}, token=token).data["status"] == "claimed"
        self.network.complete_rentals()
        # The hour that passed ends the top-ups that nobody paid.
        crediting.sweep(self.network.world)
        self.refresh_tokens()
        assert self.request("GET", "/api/referral/my-code").data["invited_count"] == 1
        assert self.request("GET", "/api/users/achievements").data["results"][0]["is_unlocked"]
        self.lead_the_board()

    def lead_the_board(self) -> None:
        """The minute's run counts the customer's rentals, and operators see the customer too."""
        leaderboard_refresh.refresh(self.network.world)
        read = self.request("GET", "/api/users/leaderboard?category=rentals&period=weekly&me=true").data
        assert read["me"] == read["leaderboard"][0]
        assert read["me"]["total_rentals"] > 0
        for path in ("/api/admin/leaderboard", "/api/admin/users/leaderboard"):
            seen = self.request_as_operator("GET", path).data["leaderboard"]
            assert read["me"]["username"] in [place["username"] for place in seen]

    def register_device(self) -> None:
        device = {"device_id": "a3f1c2d4", "device_type": "android", "device_name": "Galaxy A15", "os_version": "14"}
        self.request("POST", "/api/auth/device", device | {"fcm_token": PUSH_TOKEN})
        reply = self.request(
            "PUT", "/api/auth/device", device | {"fcm_token": NEXT_PUSH_TOKEN, "app_version": "1.4.0"}
        )
        assert reply.data["fcm_token"] == NEXT_PUSH_TOKEN

    def upload_avatar(self) -> None:
        """Upload an image through the API as avatar, and sign a direct upload of a film."""
        raw, kind = form({}, "file", phone_photo())
        answer = self.request("POST", "/api/app/upload", raw=raw, headers={"Content-Type": kind}).data
        self.request("PATCH", "/api/user/profile", {"avatar_url": answer["file_url"]})
        film = {"file_name": "tour.mp4", "content_type": "video/mp4", "size": 20_000_000}
        answer = self.request("POST", "/api/app/upload", film).data
        self.secrets.add(answer["upload"]["fields"]["signature"])

    def add_email(self) -> None:
        tokens = {"identifier_token": self.prove(EMAIL), "verification_token": self.prove()}
        profile = self.request("PATCH", "/api/user/profile", {"email": EMAIL, **tokens}).data
        assert (profile["email"], profile["phone_number"]) == (EMAIL, PHONE)

    def submit_kyc(self) -> None:
        raw, kind = kyc_form()
        for method in ("POST", "PATCH"):
            self.request(method, "/api/auth/kyc", raw=raw, headers={"Content-Type": kind})
        for body in self.take(outbox.ERASURE):
            media_deletion.delete_file(self.network.world, body)
        mine, self.token = self.token, self.operator_token()
        waiting = self.request("GET", "/api/admin/kyc/submissions").data["kyc_submissions"]
        self.request("PATCH", f"/api/admin/kyc/submissions/{waiting[0]['id']}", {"status": "APPROVED"})
        them = f"/api/admin/users/{self.network.customer()}/status"
        assert self.request("PATCH", them, {"status": "BANNED", "reason": "a test"}).data["new_status"] == "BANNED"
        assert self.request("POST", them, {"status": "active"}).data["new_status"] == "ACTIVE"
        self.audit_everything()
        self.reconcile_gateways()
        self.token = mine
        assert self.request("GET", "/api/auth/kyc-status").data["status"] == "approved"

    def read_notifications(self) -> None:
        """Check the push to the newest token, and read the notification in the app."""
        for body in self.take(outbox.PUSH):
            push.deliver(self.network.world, body)
        assert [token for token, *_ in self.network.fake_world.push.sent] == [NEXT_PUSH_TOKEN]
        answer = self.request("GET", "/api/user/notifications?type=kyc_status&is_read=false").data
        everything = self.request("GET", "/api/user/notifications?is_read=false&limit=100").data["results"]
        assert (len(answer["results"]), answer["unread_count"]) == (1, len(everything))
        path = f"/api/user/notification/{answer['results'][0]['id']}"
        assert self.request("POST", path, {}).data["is_read"]
        self.request("DELETE", path)
        assert self.request("POST", "/api/user/notifications/mark-all-read", {}).data["unread_count"] == 0

    def broadcast(self) -> None:
        """An operator sends a broadcast, which reaches the customer's list and phone."""
        texts = {"title": "Works again", "title_ne": "फेरि चल्यो", "message": "Thank you.", "message_ne": "धन्यवाद।"}
        url = "/api/admin/system/broadcast"
        sent = self.request_as_operator("POST", url, texts).data
        for body in self.take(outbox.BROADCASTS):
            broadcast_push.deliver(self.network.world, body)
        assert [title for _, title, *_ in self.network.fake_world.push.sent][-1] in ("Works again", "फेरि चल्यो")
        assert self.request_as_operator("GET", url).data["results"][0] == sent
        assert self.request("GET", "/api/user/notifications?type=broadcast").data["results"][0]["id"] == sent["id"]

    def audit_everything(self) -> None:
        """Start an audit, let it run, and read its result."""
        started = self.request("POST", "/api/admin/system/audit", {}).data
        assert self.request("GET", "/api/admin/system/audit").data["running"] == started
        segment_walks.run(self.network.world, lambda: 120.0, workers=1)
        result = self.request("GET", "/api/admin/system/audit").data
        assert (result["audit_id"], result["ok"], result["violations"]) == (started["audit_id"], True, [])

    def reconcile_gateways(self) -> None:
        """Request, write and download yesterday's report."""
        yesterday = day_of(self.network.world.now()) - timedelta(days=1)
        url = f"/api/admin/reconciliation/{yesterday}"
        assert self.request("POST", url, {}).data["results"]
        comparison.run(self.network.world, lambda: 900.0)
        assert self.request("GET", f"/api/admin/reconciliation?from={yesterday}").data["results"]
        assert {item["status"] for item in self.request("GET", url).data["reports"]} == {"DONE"}
        assert self.request("GET", f"{url}/csv").text.startswith("day,gateway,outcome")
        returns = self.request_as_operator("GET", "/api/admin/rentals/doubtful-returns")
        assert returns.data["pagination"]["total_count"] == 0
        self.assign_unreadable_return()
        self.register_powerbank()

    def register_powerbank(self) -> None:
        """A station reports an unknown power bank. The operator registers it, sets it aside and takes it back."""
        url, sn = "/api/admin/powerbanks", "40777777"
        self.network.report_snapshot(LABIM, plus=(6, sn))
        (unknown,) = self.request_as_operator("GET", f"{url}?service=unregistered").data["results"]
        assert (unknown["serial_number"], unknown["status"]) == (sn, "UNREGISTERED")
        registration = {"serial_number": sn, "model": "B2", "capacity_mah": 10_000}
        assert self.request_as_operator("POST", url, registration).data["status"] == "AVAILABLE"
        self.request_as_operator("PATCH", f"{url}/{sn}", {"status": "MAINTENANCE"})
        assert self.request_as_operator("GET", f"{url}/{sn}").data["status"] == "MAINTENANCE"
        self.request_as_operator("PATCH", f"{url}/{sn}", {"status": "AVAILABLE"})

    def assign_unreadable_return(self) -> None:
        """A station takes in a power bank without its number. The operator says which one it is."""
        self.network.report_frame(LABIM, frames.returned(SlotContent(7, str(0xFFFF_FFFF), 40)))
        url = "/api/admin/rentals/unreadable-returns"
        (unreadable,) = self.request_as_operator("GET", url).data["returns"]
        assigned = {"powerbank_serial": "40818053"}
        answer = self.request_as_operator("POST", f"{url}/{unreadable['id']}/assign", assigned)
        assert answer.data["status"] == "ASSIGNED"

    def delete_account(self) -> None:
        """Delete the account and forfeit its balance."""
        self.sign_in_again()
        self.request("DELETE", "/api/auth/account", {"forfeit_balance": True})
        self.network.fake_world.clock.advance(minutes=2)
        outbox.sweep(self.network.world)
        for body in self.take(outbox.ERASURE):
            deletion.handle_message(self.network.world, body)
