// The page: the city, the phone, what happened, the state of the service, and the tabs.
import { html, render, useEffect } from "./vendor/htm-preact.js";
import { City } from "./city.js";
import { Clock } from "./clock.js";
import { follow } from "./feed.js";
import { Happened } from "./happened.js";
import { Phone } from "./phone.js";
import { ServiceState } from "./service_state.js";
import { restore } from "./session.js";
import { Tabs } from "./tabs.js";

function Page() {
  useEffect(() => {
    const source = follow();
    return () => source.close();
  }, []);
  return html`<header><h1>Bijuli <small>sandbox</small></h1><${Clock} /></header>
    <main><${City} /><${Phone} /><${Happened} /><${ServiceState} /><${Tabs} /></main>`;
}

restore();
render(html`<${Page} />`, document.getElementById("page"));
