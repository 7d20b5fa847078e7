// Topping up: an amount, a gateway, and the gateway's own pay page.
import { html, useState } from "./vendor/htm-preact.js";
import { readPhone } from "./phone.js";
import { word } from "./phone_texts.js";
import { call } from "./session.js";
import { changePhone, useStore } from "./store.js";
import { Field, Press } from "./widgets.js";

const AMOUNTS = ["20", "500"];

export function Topup() {
  const { phone } = useStore();
  const [rupees, setRupees] = useState("500");
  const { topup } = phone;
  return html`<h3>${word("topup")}</h3>
    <div class="row"><${Field} label=${word("amount")} name="amount" inputmode="numeric" value=${rupees} onInput=${setRupees} />
    ${AMOUNTS.map((value) => html`<button key=${value} type="button" name=${`amount-${value}`} aria-pressed=${String(value === rupees)} onClick=${() => setRupees(value)}>Rs ${value}</button>`)}</div>
    <div class="row">
    ${(phone.methods ?? []).map((method) => html`<${Press} key=${method.id} name=${`topup-${method.id}`} onPress=${() => open(method.id)}>+${rupees} ${method.name}<//>`)}</div>
    ${topup && html`<p class="notice" role="status"><span class="topup-status">${topup.payment_method} ${topup.amount}: ${topup.status} ${topup.reason_text ?? ""}</span>
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
