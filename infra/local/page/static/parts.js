// What the parts of the page use: drawing, the state, the feed, requests, formats, widgets and texts.
export { html, render, useEffect, useRef, useState } from "./vendor/htm-preact.js";
export * from "./feed.js";
export * from "./formats.js";
export * from "./phone_texts.js";
export * from "./session.js";
export * from "./store.js";
export * from "./widgets.js";
