// The customer's account on the phone: signing in by a code, a user name, the profile and papers.
import { call, changePhone, Field, html, Press, signedIn, useFields, useState, useStore, word } from "./parts.js";
import { readPhone } from "./phone.js";

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

export function Profile() {
  const [profile, of] = useFields({ full_name: "Sita Gurung", date_of_birth: "1998-02-14", address: "Patan Dhoka, Lalitpur" });
  return html`<h3>${word("profile")}</h3>
    <${Field} label=${word("name")} ...${of("full_name")} /><${Field} label=${word("birth")} ...${of("date_of_birth")} type="date" />
    <${Field} label=${word("address")} ...${of("address")} />
    <${Press} name="save-profile" onPress=${() => call("PATCH", "/api/user/profile", profile).then(readPhone)}>${word("save")}<//>`;
}

export function Papers() {
  const { phone } = useStore();
  const [{ document_number: number }, of] = useFields({ document_number: `27-01-70-${String(Date.now() % 10 ** 9).padStart(9, "0")}` });
  const status = phone.me.kyc?.status;
  if (status === "pending") return html`<p class="notice" role="status">${word("waiting")}</p>`;
  return html`<h3>${word("papers")}</h3>
    ${status === "rejected" && html`<p class="wrong">${word("rejected")} ${phone.papers?.rejection_reason}</p>`}
    <${Field} label=${word("certificate")} ...${of("document_number")} />
    <p><small>${word("picture")}</small></p>
    <${Press} name="send-papers" onPress=${submit}>${word("submit")}<//>`;

  async function submit() {
    const form = new FormData();
    const fields = { document_type: "citizenship", document_number: number, issued_district: "Lalitpur", issued_date: "2074-05-12" };
    for (const name in fields) form.set(name, fields[name]);
    form.set("document_front", await picture(number), "front.jpg");
    await call(status === "rejected" ? "PATCH" : "POST", "/api/auth/kyc", form);
    await readPhone();
  }
}

// A JPEG of a card with the number on it.
function picture(number) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 300 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#f4ead2";
  pen.fillRect(0, 0, 480, 300);
  pen.font = "22px sans-serif";
  pen.fillStyle = "#8a2b2b";
  pen.fillText("Specimen certificate", 20, 30);
  pen.fillText(number, 180, 130);
  pen.fillRect(40, 90, 100, 120);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", 0.9);
  });
}
