// The customer's profile and papers. The picture of the certificate is drawn here, and shows nobody.
import { html } from "./vendor/htm-preact.js";
import { readPhone } from "./phone.js";
import { word } from "./phone_texts.js";
import { call } from "./session.js";
import { useStore } from "./store.js";
import { Field, Press, useFields } from "./widgets.js";

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
