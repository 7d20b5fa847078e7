"""Lists every blueprint that app.py registers: routes, consumers, schedules."""

from chalice.app import Blueprint

from functions import cabinets, webhooks
from functions.admin import achievements as admin_achievements
from functions.admin import analytics_money, analytics_network, analytics_people, dashboard
from functions.admin import audit as admin_audit
from functions.admin import audit_log as admin_audit_log
from functions.admin import auth as admin_auth
from functions.admin import balance_additions as admin_balance_additions
from functions.admin import banners as admin_banners
from functions.admin import broadcasts as admin_broadcasts
from functions.admin import config as admin_config
from functions.admin import content as admin_content
from functions.admin import coupons as admin_coupons
from functions.admin import dead_letters as admin_dead_letters
from functions.admin import doubtful_returns as admin_doubtful_returns
from functions.admin import issues as admin_issues
from functions.admin import kyc as admin_kyc
from functions.admin import leaderboard as admin_leaderboard
from functions.admin import own_account as admin_own_account
from functions.admin import packages as admin_packages
from functions.admin import payment_methods as admin_payment_methods
from functions.admin import powerbanks as admin_powerbanks
from functions.admin import profiles as admin_profiles
from functions.admin import reconciliation as admin_reconciliation
from functions.admin import refunds as admin_refunds
from functions.admin import rental_timeline as admin_rental_timeline
from functions.admin import rentals as admin_rentals
from functions.admin import reversals as admin_reversals
from functions.admin import station_commands as admin_station_commands
from functions.admin import stations as admin_stations
from functions.admin import system as admin_system
from functions.admin import topups as admin_topups
from functions.admin import transactions as admin_transactions
from functions.admin import unreadable_returns as admin_unreadable_returns
from functions.admin import user_status as admin_user_status
from functions.admin import users as admin_users
from functions.admin.alias_routes import alias_routes
from functions.consumers import consumers
from functions.customer import (
    account_deletion,
    achievements,
    app_info,
    auth,
    content,
    coupons,
    devices,
    favorites,
    kyc,
    leaderboard,
    notifications,
    payment_options,
    points,
    profile,
    referral,
    refunds,
    rental_changes,
    rental_issues,
    rental_timeline,
    rentals,
    station_issues,
    stations,
    topups,
    uploads,
    wallet,
)
from functions.schedules import schedules

CANONICAL: tuple[Blueprint, ...] = (
    app_info.routes,
    content.routes,
    auth.routes,
    kyc.routes,
    devices.routes,
    profile.routes,
    wallet.routes,
    points.routes,
    uploads.routes,
    notifications.routes,
    stations.routes,
    favorites.routes,
    station_issues.routes,
    payment_options.routes,
    topups.routes,
    refunds.routes,
    referral.routes,
    coupons.routes,
    achievements.routes,
    leaderboard.routes,
    webhooks.routes,
    cabinets.routes,
    rentals.routes,
    rental_changes.routes,
    rental_issues.routes,
    rental_timeline.routes,
    admin_auth.routes,
    admin_own_account.routes,
    admin_profiles.routes,
    admin_config.routes,
    admin_audit_log.routes,
    admin_kyc.routes,
    admin_audit.routes,
    admin_dead_letters.routes,
    analytics_network.routes,
    analytics_money.routes,
    analytics_people.routes,
    dashboard.routes,
    admin_system.routes,
    admin_users.routes,
    admin_user_status.routes,
    admin_balance_additions.routes,
    admin_rentals.routes,
    admin_doubtful_returns.routes,
    admin_transactions.routes,
    admin_rental_timeline.routes,
    admin_topups.routes,
    admin_packages.routes,
    admin_payment_methods.routes,
    admin_reversals.routes,
    admin_unreadable_returns.routes,
    admin_powerbanks.routes,
    admin_stations.routes,
    admin_issues.routes,
    admin_station_commands.routes,
    admin_refunds.routes,
    admin_reconciliation.routes,
    admin_broadcasts.routes,
    admin_coupons.routes,
    admin_achievements.routes,
    admin_content.routes,
    admin_banners.routes,
    admin_leaderboard.routes,
    account_deletion.routes,
    consumers,
    schedules,
)
BLUEPRINTS: tuple[Blueprint, ...] = (*CANONICAL, alias_routes(CANONICAL))
