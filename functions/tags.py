"""The groups of the API document: customers' operations by noun, operators' under groups of their own."""

from enum import StrEnum


class Tag(StrEnum):
    """A group's name, in the order in which the document lists the groups."""

    APP = "App"
    AUTHENTICATION = "Authentication"
    ACCOUNT = "Account"
    KYC = "KYC"
    DEVICES = "Devices"
    UPLOADS = "Uploads"
    NOTIFICATIONS = "Notifications"
    STATIONS = "Stations"
    PACKAGES = "Packages"
    RENTALS = "Rentals"
    WALLET = "Wallet"
    TOPUPS = "Top-ups"
    REFUNDS = "Refunds"
    CALLBACKS = "Gateway callbacks"
    ADMIN_ACCESS = "Admin: sign-in"
    ADMIN_KYC = "Admin: KYC"
    ADMIN_USERS = "Admin: users"
    ADMIN_TOPUPS = "Admin: top-ups"
    ADMIN_REFUNDS = "Admin: refunds"
    ADMIN_RECONCILIATION = "Admin: reconciliation"
    ADMIN_AUDIT = "Admin: audit"


DESCRIPTIONS = {
    Tag.APP: "What the app reads before anybody signs in: releases, health, banners, countries.",
    Tag.AUTHENTICATION: "One-time codes, registration, sign-in, tokens and sign-out.",
    Tag.ACCOUNT: "The signed-in user: profile, identifiers, usage, deletion of the account.",
    Tag.KYC: "Submission of identity documents, and the state of their review.",
    Tag.DEVICES: "Devices that receive push notifications.",
    Tag.UPLOADS: "Images and videos.",
    Tag.NOTIFICATIONS: "What the user was notified of.",
    Tag.STATIONS: "Stations, their slots and the power banks in them.",
    Tag.PACKAGES: "Rental packages and their prices.",
    Tag.RENTALS: "Rentals from the start to the payment of what is due.",
    Tag.WALLET: "Balance, points, transactions and statements.",
    Tag.TOPUPS: "Payment methods, and top-ups of the wallet through a payment gateway.",
    Tag.REFUNDS: "Requests for a refund, and what became of them.",
    Tag.CALLBACKS: "Calls and browser redirects of the payment gateways. Apps don't use them.",
    Tag.ADMIN_ACCESS: "Sign-in of operators.",
    Tag.ADMIN_KYC: "Review of identity documents.",
    Tag.ADMIN_USERS: "Blocking and unblocking of accounts.",
    Tag.ADMIN_TOPUPS: "Top-ups whose payment could not be matched automatically.",
    Tag.ADMIN_REFUNDS: "Decisions on refunds.",
    Tag.ADMIN_RECONCILIATION: "Daily comparison of the payment gateways' records with ours.",
    Tag.ADMIN_AUDIT: "Consistency check of money and power banks.",
}
