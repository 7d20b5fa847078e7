// The phone: what the customer's app shows, one step after another, and topping up by the gateways' own pay pages.
import { amount, call, changePhone, Field, html, locale, newestOf, Press, readAgain, signOut, speak, state, useEffect, useState, useStore, word } from "./parts.js";
import { Papers, Profile, SignIn } from "./phone_account.js";
import { Rent, Rental, RentalProblem, StationProblem } from "./phone_rental.js";

const isOpen = (rental) => ["starting", "active", "due"].includes(rental?.status);

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
  const newest = history?.results?.[0] ?? null;
  // A rental that began after the answer about the active one is the newest of the history.
  return { me, wallet, papers, rental: active?.id ? active : isOpen(newest) ? newest : null, last: isOpen(newest) ? null : newest };
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
      <span>
        ${["en", "ne"].map((language) => html`<button type="button" name=${language} lang=${language} aria-pressed=${String((phone.language ?? "en") === language)}
          onClick=${() => speak(language)}>${language === "en" ? "English" : "नेपाली"}</button>`)}
      </span></h2>
    ${phone.token ? html`<${Home} />` : html`<${SignIn} />`}
  </section>`;
}

function Home() {
  const { phone } = useStore();
  const { me, wallet, rental, last } = phone;
  if (!me) return html`<p class="row" role="status">${word("signingIn")} <${Press} name="sign-out" onPress=${signOut}>${word("signOut")}<//></p>`;
  return html`<p class="row"><strong>${me.username}</strong> ${me.phone_number ?? me.email} <${Press} name="sign-out" onPress=${signOut}>${word("signOut")}<//></p>
    <p class="money"><span class="balance">${amount(wallet?.balance ?? me.wallet.balance)}</span> ${me.points.current.toLocaleString(locale())} ${word("points")}
      ${wallet && Number(wallet.due) > 0 && html`<strong class="wrong"> ${word("due")} ${amount(wallet.due)}</strong>`}</p>
    ${!me.profile?.completed && html`<${Profile} />`}
    ${me.profile?.completed && me.kyc?.status !== "approved" && html`<${Papers} />`}
    ${isOpen(rental) ? html`<${Rental} rental=${rental} />` : html`<${Rent} />`}
    <${Topup} />
    ${!isOpen(rental) && last && html`<p><small>${word("last")}: <a href=${`/r/${last.code}`}>${last.code}</a> ${word(last.status)}, ${amount(last.amount_paid)} ${last.failure_text ?? ""}</small></p>
      <${RentalProblem} key=${last.id} rental=${last} />`}
    <${StationProblem} />`;
}

const AMOUNTS = ["20", "500"];

function Topup() {
  const { phone } = useStore();
  const [rupees, setRupees] = useState("500");
  const { topup } = phone;
  return html`<h3>${word("topup")}</h3>
    <div class="row"><${Field} label=${word("amount")} name="amount" inputmode="numeric" value=${rupees} onInput=${setRupees} />
    ${AMOUNTS.map((value) => html`<button key=${value} type="button" name=${`amount-${value}`} aria-pressed=${String(value === rupees)} onClick=${() => setRupees(value)}>${amount(value)}</button>`)}</div>
    <div class="row">
    ${(phone.methods ?? []).map((method) => html`<${Press} key=${method.id} name=${`topup-${method.id}`} onPress=${() => open(method.id)}>+${rupees} ${method.name}<//>`)}</div>
    ${topup && html`<p class="notice" role="status"><span class="topup-status">${topup.payment_method} ${amount(topup.amount)}: ${word(topup.status)} ${topup.reason_text ?? ""}</span>
      ${topup.status === "pending" && html` <a class="press" href=${topup.payment_url} target="_blank" rel="noopener" id="pay-page">${word("payPage")}</a>
        <${Press} name="verify-topup" onPress=${verify}>${word("verifyTopup")}<//>`}
      ${topup.status === "success" && html` <${Press} name="ask-refund" onPress=${askRefund}>${word("refund")}<//>`}</p>`}`;

  async function open(gateway) {
    const page = window.open("", "_blank");
    try {
      const order = { amount: Number(rupees).toFixed(2), payment_method: gateway };
      const topup = await call("POST", "/api/payment/wallet/topup-intent", order);
      changePhone({ topup });
      if (page) page.location = topup.payment_url;
    } catch (error) {
      page?.close();
      throw error;
    }
  }

  async function askRefund() {
    const [newest] = (await call("GET", "/api/user/transactions?type=topup&status=success")).results;
    await call("POST", `/api/payment/refund/${newest.id}`, { reason: "Paid by mistake" });
    changePhone({ topup: null });
    await readPhone();
  }

  async function verify() {
    const answer = await call("POST", "/api/payment/verify-topup", { intent_id: topup.intent_id });
    changePhone({ topup: { ...topup, ...answer } });
    await readPhone();
  }
}
