// The inbox: text messages, mails and pushes, by receiver.
import { html, useState } from "./vendor/htm-preact.js";
import { useRead } from "./feed.js";
import { control } from "./http.js";
import { dayTime } from "./formats.js";
import { Field, Table } from "./widgets.js";

const OUTBOXES = [["sms", "sms"], ["emails", "mail"], ["pushes", "push"]];

export function Inbox() {
  const [receiver, setReceiver] = useState("");
  const [messages] = useRead(["sms", "mail", "push"], async () => {
    const lists = await Promise.all(OUTBOXES.map(([path, kind]) => control.get(`/${path}`).then((list) => list.map((message) => ({ ...message, kind })))));
    return lists.flat().sort((one, other) => (one.at < other.at ? 1 : -1));
  });
  const to = (message) => String(message.to ?? message.token ?? "");
  const rows = messages
    .filter((message) => to(message).includes(receiver.trim()))
    .slice(0, 100)
    .map((message) => [dayTime(message.at), message.kind, to(message), [message.subject ?? message.title, message.text ?? message.body].filter(Boolean).join(": ")]);
  return html`<${Field} label="Receiver" name="receiver" value=${receiver} onInput=${setReceiver} />
    <${Table} caption="Messages, the newest first" heads=${["at", "kind", "to", "text"]} rows=${rows} />`;
}
