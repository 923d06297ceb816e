// One component of four kinds: `document` sets the language of the page and what a finger does, `figure` draws the buttons of a figure, `print` and `controls` those of a page.
const SCALE = 2;
const EDGE = 24;

export default function ({ data, parentElement }) {
  if (data.kind === "document") {
    document.documentElement.lang = data.language;
    document.addEventListener("touchstart", leaveToTheMouse, { capture: true, passive: true });
    return;
  }
  let box = parentElement.querySelector(".gongbao-buttons");
  if (!box) {
    box = document.createElement("div");
    box.className = "gongbao-buttons";
    parentElement.appendChild(box);
  }
  box.replaceChildren();
  if (data.kind === "print") {
    box.append(button(data.label, () => window.print()));
    return;
  }
  if (data.kind === "controls") {
    const shown = document.documentElement.dataset;
    if (shown.controls !== data.page) delete shown.controls;
    const made = button(data.label, () => {
      if (shown.controls) delete shown.controls;
      else shown.controls = data.page;
      made.ariaExpanded = String(Boolean(shown.controls));
    });
    made.ariaExpanded = String(Boolean(shown.controls));
    box.append(made);
    return;
  }
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  if (data.texts.png) box.append(button(data.texts.png, () => savePicture(data), data.texts.png_label));
  box.append(
    button(data.texts.link, () => copyLink(data, box, said), data.texts.link_label),
    said,
  );
}

// Plotly takes what the pointer was over last for what is clicked, and a finger is over nothing before it taps: a tap would choose
// the place tapped before. Without the touch the browser makes a tap a move and a click of a mouse, which chart and reader see alike.
function leaveToTheMouse(event) {
  if (event.target.closest?.(".js-plotly-plot")) event.stopPropagation();
}

function button(text, action, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
}

function linkOf(data) {
  const address = new URL(window.location.pathname, window.location.origin);
  for (const [name, value] of Object.entries(data.address)) address.searchParams.set(name, value);
  address.hash = data.figure;
  return address.toString();
}

async function copyLink(data, box, said) {
  const link = linkOf(data);
  box.querySelector("input")?.remove();
  try {
    await navigator.clipboard.writeText(link);
    said.textContent = data.texts.copied;
  } catch {
    // Without the right to the clipboard (a page over plain http): a field to copy from by hand.
    said.textContent = "";
    const field = document.createElement("input");
    field.readOnly = true;
    field.value = link;
    field.setAttribute("aria-label", data.texts.select);
    box.append(field);
    field.focus();
    field.select();
  }
}

// The picture: the answer above, what the figure shows in the middle, filters, unit, source and release below.
async function savePicture(data) {
  const figure = document.querySelector(`.st-key-figure-${CSS.escape(data.figure)}`);
  const shown = figure.querySelector(".js-plotly-plot, .panels, .heat table");
  // The names of rows and columns stay in view when a table is scrolled; its picture is drawn from the beginning.
  shown.closest(".sheet")?.scrollTo(0, 0);
  const frame = shown.getBoundingClientRect();
  const plot = shown.querySelector("svg.main-svg");
  const width = Math.max(frame.width || Number(plot?.getAttribute("width")) || 700, 360);
  const height = frame.height || Number(plot?.getAttribute("height")) || 400;
  const app = getComputedStyle(document.querySelector(".stApp"));
  const [ink, paper] = [app.color, app.backgroundColor];
  const family = getComputedStyle(document.body).fontFamily;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  pen.font = `600 20px ${family}`;
  const title = wrapped(pen, data.answer, width);
  pen.font = `13px ${family}`;
  const foot = data.lines.flatMap((line) => wrapped(pen, line, width));
  const top = EDGE + title.length * 28 + 12;
  canvas.width = (width + 2 * EDGE) * SCALE;
  canvas.height = (top + height + 16 + foot.length * 20 + EDGE) * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "top";
  pen.fillStyle = ink;
  pen.font = `600 20px ${family}`;
  title.forEach((line, index) => pen.fillText(line, EDGE, EDGE + index * 28));
  pen.save();
  pen.translate(EDGE, top);
  await drawFigure(pen, shown, frame, ink, family);
  pen.restore();
  pen.fillStyle = ink;
  pen.textAlign = "left";
  pen.textBaseline = "top";
  pen.font = `13px ${family}`;
  foot.forEach((line, index) => pen.fillText(line, EDGE, top + height + 16 + index * 20));
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = data.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// Charts are layers of SVG; grids are pictures and texts (marked data-draw) at their places.
async function drawFigure(pen, shown, frame, ink, family) {
  const layers = [...shown.querySelectorAll("svg.main-svg")];
  // A layer may be filled by what another defines, which an image of its own does not see.
  const fills = [...shown.querySelectorAll("svg.main-svg :is(linearGradient, pattern)")];
  for (const layer of layers) {
    const copy = layer.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    // What the page's own style adds to a text.
    const texts = copy.querySelectorAll("text");
    layer.querySelectorAll("text").forEach((text, index) => {
      const { stroke, strokeWidth, strokeLinejoin, paintOrder } = getComputedStyle(text);
      Object.assign(texts[index].style, { stroke, strokeWidth, strokeLinejoin, paintOrder });
    });
    copy.querySelectorAll(".hoverlayer > *").forEach((node) => node.remove());
    const defined = copy.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "defs"));
    defined.append(...fills.filter((fill) => !layer.contains(fill)).map((fill) => fill.cloneNode(true)));
    const source = new XMLSerializer().serializeToString(copy).replace(/url\((&quot;|['"]?)[^#)]*#/g, "url($1#");
    await drawImage(pen, `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`, 0, 0,
      Number(layer.getAttribute("width")), Number(layer.getAttribute("height")));
  }
  for (const picture of shown.querySelectorAll("img")) {
    const place = picture.getBoundingClientRect();
    await drawImage(pen, picture.src, place.left - frame.left, place.top - frame.top, place.width, place.height);
  }
  for (const text of shown.querySelectorAll("[data-draw]")) {
    const place = text.getBoundingClientRect();
    const look = getComputedStyle(text);
    const [left, up] = [place.left - frame.left, place.top - frame.top];
    if (look.backgroundColor !== "rgba(0, 0, 0, 0)" && text.style.background) {
      pen.fillStyle = look.backgroundColor;
      pen.fillRect(left, up, place.width, place.height);
    }
    pen.fillStyle = text.style.background ? look.color : ink;
    pen.font = `${look.fontWeight} ${look.fontSize} ${family}`;
    pen.textBaseline = "middle";
    const right = text.dataset.draw === "right";
    pen.textAlign = right ? "right" : "left";
    const own = [...text.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join("");
    const written = wrapped(pen, own, place.width + 2);
    written.forEach((line, index) =>
      pen.fillText(line, right ? left + place.width - 4 : left + 2, up + (place.height * (index + 0.5)) / written.length));
  }
}

function drawImage(pen, source, left, top, width, height) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(pen.drawImage(image, left, top, width, height));
    image.onerror = failed;
    image.src = source;
  });
}

// Lines no wider than `width`: between words, or between any two characters of Chinese.
function wrapped(pen, text, width) {
  const lines = [];
  let line = "";
  for (const piece of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/gu) || []) {
    if (line && pen.measureText(line + piece).width > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  if (line) lines.push(line.trimEnd());
  return lines;
}
