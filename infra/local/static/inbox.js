// The inbox: text messages, mails and pushes, by receiver.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { readAgain } from "./feed.js";
import { control } from "./http.js";
import { Field, Table } from "./widgets.js";
import { dayTime } from "./formats.js";

const OUTBOXES = [["sms", "sms"], ["emails", "mail"], ["pushes", "push"]];

export function Inbox() {
  const [receiver, setReceiver] = useState("");
  const [messages, setMessages] = useState([]);
  useEffect(
    () =>
      readAgain(["sms", "mail", "push"], async () => {
        const lists = await Promise.all(OUTBOXES.map(([path]) => control.get(`/${path}`)));
        setMessages(
          lists.flatMap((list, index) => list.map((message) => ({ ...message, kind: OUTBOXES[index][1] }))).sort((one, other) => (one.at < other.at ? 1 : -1)),
        );
      }),
    [],
  );
  const to = (message) => String(message.to ?? message.token ?? "");
  const rows = messages
    .filter((message) => to(message).includes(receiver.trim()))
    .slice(0, 100)
    .map((message) => [dayTime(message.at), message.kind, to(message), [message.subject ?? message.title, message.text ?? message.body].filter(Boolean).join(": ")]);
  return html`<${Field} label="Receiver" name="receiver" value=${receiver} onInput=${setReceiver} />
    <${Table} caption="Messages, the newest first" heads=${["at", "kind", "to", "text"]} rows=${rows} />`;
}
