// The page: the city, the phone, what happened, the state of the service, and the tabs.
import { follow, html, render, restore, useEffect, useStore } from "./parts.js";
import { City } from "./city.js";
import { Clock, ServiceState } from "./sandbox.js";
import { Happened } from "./happened.js";
import { Phone } from "./phone.js";
import { Tabs } from "./tabs.js";

function Page() {
  const { wrong } = useStore();
  useEffect(() => {
    const source = follow();
    return () => source.close();
  }, []);
  return html`<header><h1>Bijuli <small>sandbox</small></h1><${Clock} /></header>
    ${wrong && html`<p class="unread wrong" role="alert">Not all could be read: ${wrong}</p>`}
    <main><${City} /><${Phone} /><${Happened} /><${ServiceState} /><${Tabs} /></main>`;
}

restore();
render(html`<${Page} />`, document.getElementById("page"));
