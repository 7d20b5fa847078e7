// The customer's profile and papers. The picture of the certificate is drawn here, and shows nobody.
import { html, useState } from "./vendor/htm-preact.js";
import { Field, Press } from "./widgets.js";
import { readPhone } from "./phone.js";
import { word } from "./phone_texts.js";
import { call } from "./session.js";
import { useStore } from "./store.js";

export function Profile() {
  const [name, setName] = useState("Sita Gurung");
  const [birth, setBirth] = useState("1998-02-14");
  const [address, setAddress] = useState("Patan Dhoka, Lalitpur");
  return html`<h3>${word("profile")}</h3>
    <${Field} label=${word("name")} name="full_name" value=${name} onInput=${setName} />
    <${Field} label=${word("birth")} name="date_of_birth" type="date" value=${birth} onInput=${setBirth} />
    <${Field} label=${word("address")} name="address" value=${address} onInput=${setAddress} />
    <${Press} name="save-profile" onPress=${save}>${word("save")}<//>`;

  async function save() {
    await call("PATCH", "/api/user/profile", { full_name: name, date_of_birth: birth, address });
    await readPhone();
  }
}

export function Papers() {
  const { phone } = useStore();
  const [number, setNumber] = useState(`27-01-70-${String(Date.now() % 10 ** 9).padStart(9, "0")}`);
  const status = phone.me.kyc?.status;
  if (status === "pending") return html`<p class="notice" role="status">${word("waiting")}</p>`;
  return html`<h3>${word("papers")}</h3>
    ${status === "rejected" && html`<p class="wrong">${word("rejected")} ${phone.papers?.rejection_reason}</p>`}
    <${Field} label=${word("certificate")} name="document_number" value=${number} onInput=${setNumber} />
    <p><small>${word("picture")}</small></p>
    <${Press} name="send-papers" onPress=${submit}>${word("submit")}<//>`;

  async function submit() {
    const form = new FormData();
    form.set("document_type", "citizenship");
    form.set("document_number", number);
    form.set("issued_district", "Lalitpur");
    form.set("issued_date", "2074-05-12");
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
  pen.fillStyle = "#8a2b2b";
  pen.fillRect(0, 0, 480, 44);
  pen.font = "22px sans-serif";
  pen.fillStyle = "#ffffff";
  pen.fillText("Specimen certificate", 20, 30);
  pen.fillStyle = "#333333";
  pen.fillText(number, 180, 130);
  pen.beginPath();
  pen.arc(90, 130, 38, 0, 7);
  pen.fill();
  pen.fillRect(40, 180, 100, 80);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", 0.9);
  });
}
