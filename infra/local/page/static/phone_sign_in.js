// Signing in on the phone: number and code, and the user name of a new customer.
import { html, useState } from "./vendor/htm-preact.js";
import { word } from "./phone_texts.js";
import { call, signedIn } from "./session.js";
import { changePhone, useStore } from "./store.js";
import { Field, Press, useFields } from "./widgets.js";

const DEMO = "+9779841000001";

function newNumber() {
  return `+977984${String(crypto.getRandomValues(new Uint32Array(1))[0] % 10 ** 7).padStart(7, "0")}`;
}

export function SignIn() {
  const { phone } = useStore();
  if (phone.proof) return html`<${Register} />`;
  if (phone.challenge) return html`<${Code} />`;
  return html`<${Field} label=${word("number")} name="number" type="tel" value=${phone.number} onInput=${(number) => changePhone({ number })} />
    <p class="row"><${Press} name="demo-number" onPress=${() => changePhone({ number: DEMO })}>${word("demo")}<//>
    <${Press} name="new-number" onPress=${() => changePhone({ number: newNumber() })}>${word("newNumber")}<//>
    <${Press} name="send-code" onPress=${sendCode}>${word("send")}<//></p>`;

  async function sendCode() {
    const sent = await call("POST", "/api/auth/get-otp", { identifier: phone.number });
    changePhone({ number: sent.identifier, challenge: sent.challenge_id });
  }
}

function Code() {
  const { phone, events } = useStore();
  const [code, setCode] = useState("");
  const message = events.findLast((event) => event.kind === "sms" && event.content.to === phone.number);
  const seen = message?.content.text.match(/\d{6}/)?.[0];
  return html`${message && html`<p class="notice" role="status">SMS: ${message.content.text}
      <button type="button" name="use-code" onClick=${() => setCode(seen)}>${word("useCode")}</button></p>`}
    <${Field} label=${word("code")} name="code" inputmode="numeric" value=${code} onInput=${setCode} />
    <${Press} name="verify" onPress=${verify} disabled=${code.length !== 6}>${word("verify")}<//>
    <${Press} name="back" onPress=${() => changePhone({ challenge: null })}>←<//>`;

  async function verify() {
    const guess = { identifier: phone.number, otp: code, challenge_id: phone.challenge };
    const answer = await call("POST", "/api/auth/verify-otp", guess);
    const proof = { identifier: phone.number, verification_token: answer.verification_token };
    if (answer.purpose === "login") signedIn((await call("POST", "/api/auth/login", proof)).tokens);
    else changePhone({ proof });
  }
}

function Register() {
  const { phone } = useStore();
  const [entered, of] = useFields({ username: `rider${phone.number.slice(-6)}` });
  const register = async () => signedIn((await call("POST", "/api/auth/register", { ...phone.proof, ...entered })).tokens);
  return html`<${Field} label=${word("username")} ...${of("username")} /><${Press} name="register" onPress=${register}>${word("register")}<//>`;
}
