// The phone: what the customer's app shows, one step after another.
import { html, useEffect } from "./vendor/htm-preact.js";
import { newestOf, readAgain } from "./feed.js";
import { Papers, Profile } from "./phone_account.js";
import { Rent, Rental } from "./phone_rental.js";
import { SignIn } from "./phone_sign_in.js";
import { word } from "./phone_texts.js";
import { Topup } from "./phone_topup.js";
import { call, signOut, speak } from "./session.js";
import { amount } from "./formats.js";
import { changePhone, state, useStore } from "./store.js";
import { Press } from "./widgets.js";

const OPEN = ["pending", "active", "overdue", "due"];

// Everything that the first screen of an app needs.
export const readPhone = newestOf(askPhone, (answer) => state.phone.token && changePhone(answer));

async function askPhone() {
  if (!state.phone.token) return {};
  const [me, active, wallet] = await Promise.all([
    call("GET", "/api/auth/me"),
    call("GET", "/api/rentals/active"),
    call("GET", "/api/user/wallet"),
  ]);
  const papers = me.kyc?.status === "rejected" ? await call("GET", "/api/auth/kyc-status") : me.kyc;
  const history = active?.id ? null : await call("GET", "/api/rentals/history");
  const last = history?.results?.[0] ?? null;
  return { me, wallet, papers, rental: active?.id ? active : null, last };
}

async function readOnce() {
  const [methods, packages] = await Promise.all([call("GET", "/api/payment/methods"), call("GET", "/api/payment/packages")]);
  changePhone({ methods: methods.results, packages: packages.results });
}

export function Phone() {
  const { phone } = useStore();
  useEffect(() => readAgain([], readOnce), [phone.language]);
  useEffect(
    () => (phone.token ? readAgain(["api", "posting", "command", "frame", "callback", "clock", "push", "schedule", "queue"], readPhone) : undefined),
    [Boolean(phone.token), phone.language],
  );
  return html`<section class="panel phone" aria-labelledby="phone-title" lang=${phone.language ?? "en"}>
    <h2 id="phone-title">${word("phone")}
      <span class="right">
        ${["en", "ne"].map((language) => html`<button type="button" name=${language} lang=${language} aria-pressed=${String((phone.language ?? "en") === language)}
          onClick=${() => speak(language)}>${language === "en" ? "English" : "नेपाली"}</button>`)}
      </span></h2>
    ${phone.token ? html`<${Home} />` : html`<${SignIn} />`}
  </section>`;
}

function Home() {
  const { phone } = useStore();
  const { me, wallet, rental, last } = phone;
  if (!me) return html`<p>...</p>`;
  const isOpen = rental && OPEN.includes(rental.status);
  const owed = last && last.status === "due" ? last : null;
  return html`<p class="row"><strong>${me.username}</strong> ${me.phone_number ?? me.email} <${Press} name="sign-out" onPress=${signOut}>${word("signOut")}<//></p>
    <p class="money"><span class="balance">${amount(wallet?.balance ?? me.wallet.balance)}</span> ${me.points.current} ${word("points")}
      ${wallet && Number(wallet.due) > 0 && html`<strong class="wrong"> ${word("due")} ${amount(wallet.due)}</strong>`}</p>
    ${!me.profile?.completed && html`<${Profile} />`}
    ${me.profile?.completed && me.kyc?.status !== "approved" && html`<${Papers} />`}
    ${(isOpen || owed) && html`<${Rental} rental=${isOpen ? rental : owed} />`}
    ${!isOpen && !owed && html`<${Rent} />`}
    <${Topup} />
    ${!isOpen && !owed && last && html`<p><small>${word("last")}: <a href=${`/r/${last.code}`}>${last.code}</a> ${last.status}, ${amount(last.amount_paid)} ${last.failure_text ?? ""}</small></p>`}`;
}
