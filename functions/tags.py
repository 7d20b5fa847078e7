"""The groups of the API document: by noun for customers, and separate ones for operators."""

from enum import StrEnum


class Tag(StrEnum):
    """The name of a group. The document lists the groups in this order."""

    APP = "App"
    CONTENT = "Content"
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
    REFERRAL = "Referral"
    PROMOTIONS = "Promotions"
    SOCIAL = "Achievements and leaderboard"
    CALLBACKS = "Gateway callbacks"
    CABINETS = "Cabinet calls"
    ADMIN_ACCESS = "Admin: sign-in"
    ADMIN_OPERATORS = "Admin: operators"
    ADMIN_KYC = "Admin: KYC"
    ADMIN_USERS = "Admin: users"
    ADMIN_RENTALS = "Admin: rentals"
    ADMIN_STATIONS = "Admin: stations"
    ADMIN_TRANSACTIONS = "Admin: transactions"
    ADMIN_POWERBANKS = "Admin: power banks"
    ADMIN_TOPUPS = "Admin: top-ups"
    ADMIN_REFUNDS = "Admin: refunds"
    ADMIN_PACKAGES = "Admin: packages"
    ADMIN_PROMOTIONS = "Admin: promotions"
    ADMIN_ACHIEVEMENTS = "Admin: achievements"
    ADMIN_BROADCASTS = "Admin: broadcasts"
    ADMIN_CONTENT = "Admin: content"
    ADMIN_ANALYTICS = "Admin: analytics"
    ADMIN_RECONCILIATION = "Admin: reconciliation"
    ADMIN_CONFIG = "Admin: configuration"
    ADMIN_AUDIT_LOG = "Admin: audit log"
    ADMIN_SYSTEM = "Admin: system"
    ADMIN_DEAD_LETTERS = "Admin: dead letters"
    ADMIN_AUDIT = "Admin: audit"


DESCRIPTIONS = {
    Tag.APP: "Releases, health, banners and countries: readable without sign-in.",
    Tag.CONTENT: "Terms, privacy, questions and app updates: readable without sign-in.",
    Tag.AUTHENTICATION: "One-time codes, registration, sign-in, tokens and sign-out.",
    Tag.ACCOUNT: "The signed-in user: profile, identifiers, usage, deletion of the account.",
    Tag.KYC: "Submission of identity documents, and the status of their review.",
    Tag.DEVICES: "Devices that receive push notifications.",
    Tag.UPLOADS: "Images and videos.",
    Tag.NOTIFICATIONS: "Notifications of the user.",
    Tag.STATIONS: "Stations, their slots and the power banks in them.",
    Tag.PACKAGES: "Rental packages and their prices.",
    Tag.RENTALS: "Rentals, from the start to the payment of a due.",
    Tag.WALLET: "Balance, points, transactions and statements.",
    Tag.TOPUPS: "Payment methods, and top-ups of the wallet through a payment gateway.",
    Tag.REFUNDS: "Requests for a refund, and their outcomes.",
    Tag.REFERRAL: "The user's referral code, and the code of a friend.",
    Tag.PROMOTIONS: "Coupons for points.",
    Tag.SOCIAL: "Achievements of the user, the progress towards them, and the leaderboard.",
    Tag.CALLBACKS: "Calls and browser redirects of the payment gateways. Apps don't use them.",
    Tag.CABINETS: "Calls of the stations' hardware, by its manufacturer's names. Apps don't use them.",
    Tag.ADMIN_ACCESS: "Sign-in of operators, their own account and second factor.",
    Tag.ADMIN_OPERATORS: "Accounts of operators, which super admins make, change and remove.",
    Tag.ADMIN_KYC: "Review of identity documents.",
    Tag.ADMIN_USERS: "Users, blocked accounts, money that operators add to wallets, and the leaderboard.",
    Tag.ADMIN_RENTALS: "Rentals and their timelines, and returns whose time or power bank is in doubt.",
    Tag.ADMIN_STATIONS: "Stations, their maintenance, commands to their cabinets, and reports about them.",
    Tag.ADMIN_TRANSACTIONS: "What moved in all wallets.",
    Tag.ADMIN_POWERBANKS: "Registration of power banks, and whether customers can rent them.",
    Tag.ADMIN_TOPUPS: "Top-ups that need review, money that went back at a gateway, and payment methods.",
    Tag.ADMIN_REFUNDS: "Decisions on refunds.",
    Tag.ADMIN_PACKAGES: "Rental packages and their prices.",
    Tag.ADMIN_PROMOTIONS: "Coupons, which admins issue.",
    Tag.ADMIN_ACHIEVEMENTS: "What customers can unlock, and for how many points.",
    Tag.ADMIN_BROADCASTS: "Messages of operators to many users.",
    Tag.ADMIN_CONTENT: "Pages, questions and banners, in both languages.",
    Tag.ADMIN_ANALYTICS: "Revenue, rentals, customers and stations by day, week or month.",
    Tag.ADMIN_RECONCILIATION: "Daily comparison of the payment gateways' records with ours.",
    Tag.ADMIN_CONFIG: "Runtime settings with their bounds, and the networks of operators.",
    Tag.ADMIN_AUDIT_LOG: "What operators did: who, when, from where, with before and after.",
    Tag.ADMIN_SYSTEM: "Measurements of the service, and its logs.",
    Tag.ADMIN_DEAD_LETTERS: "Queue messages that no consumer could handle.",
    Tag.ADMIN_AUDIT: "Consistency check of money, power banks and accounts.",
}
