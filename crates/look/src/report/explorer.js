for (const figure of document.querySelectorAll("figure.explorer")) {
  const panels = JSON.parse(figure.querySelector("script").textContent);
  const still = figure.querySelector("svg");
  const canvas = document.createElement("canvas");
  const readout = document.createElement("output");
  const keys = document.createElement("div");
  keys.className = "keys";
  still.replaceWith(keys, canvas, readout);
  figure.classList.add("live");

  const finite = (values) => values.filter((value) => value !== null);
  const range = (values) => {
    const all = finite(values);
    if (!all.length) return [0, 1];
    const low = all.reduce((a, b) => Math.min(a, b)), high = all.reduce((a, b) => Math.max(a, b));
    const room = 0.04 * (high - low) || Math.abs(high) * 0.1 || 1;
    return [low - room, high + room];
  };
  const whole = range(panels.flatMap((panel) => panel.series.flatMap((series) => series.x)));
  let view = [...whole], drag = null, hover = null;
  const hidden = new Set();

  // One key for all series of a name.
  const names = new Map();
  for (const series of panels.flatMap((panel) => panel.series)) {
    if (series.label && !names.has(series.label)) names.set(series.label, series.colour);
  }
  for (const [label, colour] of names) {
    const key = document.createElement("button");
    key.type = "button";
    key.setAttribute("aria-pressed", "true");
    key.innerHTML = "<i></i>";
    key.firstChild.style.background = colour;
    key.append(label);
    key.addEventListener("click", () => {
      hidden.has(label) ? hidden.delete(label) : hidden.add(label);
      key.setAttribute("aria-pressed", String(!hidden.has(label)));
      draw();
    });
    keys.append(key);
  }
  const seen = (panel) => panel.series.filter((series) => !hidden.has(series.label));

  const left = 86, right = 16, top = 22, gap = 56;
  let width = 0, height = 0;
  const boxOf = (n) => {
    const each = (height - panels.length * (top + gap)) / panels.length;
    return { x: left, y: top + n * (each + top + gap), w: width - left - right, h: each };
  };
  const toX = (box, x) => box.x + (x - view[0]) / (view[1] - view[0]) * box.w;
  const fromX = (px) => view[0] + (px - left) / (width - left - right) * (view[1] - view[0]);

  const ticks = (low, high, most) => {
    const rough = (high - low) / most, unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough);
    const out = [];
    for (let k = Math.ceil(low / step); k * step <= high; k += 1) out.push(k * step);
    return [out, step];
  };
  const text = (value, step) => {
    const size = Math.max(Math.abs(value), step);
    if (value === 0) return "0";
    if (size >= 1e6 || size < 1e-3) {
      const digits = Math.max(0, Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(step)));
      return value.toExponential(Math.min(digits, 6));
    }
    return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  };

  const draw = () => {
    const style = getComputedStyle(figure);
    const ink = style.getPropertyValue("--ink"), rule = style.getPropertyValue("--rule");
    const faint = style.getPropertyValue("--faint");
    width = figure.clientWidth;
    height = panels.length * (panels.length > 1 ? 300 : 460);
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.font = "12px system-ui, sans-serif";
    panels.forEach((panel, n) => {
      const box = boxOf(n);
      const inside = seen(panel).flatMap((series) =>
        series.y.filter((_, k) => series.x[k] >= view[0] && series.x[k] <= view[1]));
      const [low, high] = range(inside.concat(panel.levels));
      const toY = (y) => box.y + box.h - (y - low) / (high - low) * box.h;
      pen.textBaseline = "middle";
      pen.strokeStyle = rule;
      pen.fillStyle = faint;
      const [xs, xStep] = ticks(view[0], view[1], box.w / 110);
      const [ys, yStep] = ticks(low, high, box.h / 45);
      pen.textAlign = "center";
      for (const x of xs) {
        pen.beginPath(); pen.moveTo(toX(box, x), box.y); pen.lineTo(toX(box, x), box.y + box.h); pen.stroke();
        pen.fillText(text(x, xStep), toX(box, x), box.y + box.h + 12);
      }
      pen.textAlign = "right";
      for (const y of ys) {
        pen.beginPath(); pen.moveTo(box.x, toY(y)); pen.lineTo(box.x + box.w, toY(y)); pen.stroke();
        pen.fillText(text(y, yStep), box.x - 6, toY(y));
      }
      pen.strokeStyle = faint;
      pen.strokeRect(box.x, box.y, box.w, box.h);
      pen.fillStyle = ink;
      pen.textAlign = "center";
      pen.fillText(panel.x_label, box.x + box.w / 2, box.y + box.h + 32);
      pen.fillText(panel.title, box.x + box.w / 2, box.y - 11);
      pen.save(); pen.translate(12, box.y + box.h / 2); pen.rotate(-Math.PI / 2);
      pen.fillText(panel.y_label, 0, 0); pen.restore();
      pen.save(); pen.beginPath(); pen.rect(box.x, box.y, box.w, box.h); pen.clip();
      for (const level of panel.levels) {
        pen.strokeStyle = faint; pen.setLineDash([5, 4]);
        pen.beginPath(); pen.moveTo(box.x, toY(level)); pen.lineTo(box.x + box.w, toY(level)); pen.stroke();
        pen.setLineDash([]);
      }
      for (const series of seen(panel)) {
        pen.strokeStyle = series.colour; pen.lineWidth = 1.3; pen.beginPath();
        let open = false;
        series.x.forEach((x, k) => {
          const y = series.y[k];
          if (x === null || y === null) { open = false; return; }
          open ? pen.lineTo(toX(box, x), toY(y)) : pen.moveTo(toX(box, x), toY(y));
          open = true;
        });
        pen.stroke();
      }
      pen.lineWidth = 1;
      if (hover !== null) {
        pen.strokeStyle = faint;
        pen.beginPath(); pen.moveTo(toX(box, hover), box.y); pen.lineTo(toX(box, hover), box.y + box.h); pen.stroke();
      }
      if (drag) {
        pen.globalAlpha = 0.15; pen.fillStyle = ink;
        pen.fillRect(Math.min(drag[0], drag[1]), box.y, Math.abs(drag[1] - drag[0]), box.h);
        pen.globalAlpha = 1;
      }
      pen.restore();
    });
  };

  const tell = () => {
    if (hover === null) { readout.textContent = ""; return; }
    const parts = [];
    panels.forEach((panel) => seen(panel).forEach((series) => {
      let best = -1;
      series.x.forEach((x, k) => {
        if (x !== null && (best < 0 || Math.abs(x - hover) < Math.abs(series.x[best] - hover))) best = k;
      });
      if (best >= 0 && series.y[best] !== null) {
        const name = [panel.title, series.label].filter(Boolean).join(", ");
        parts.push(`${name}: ${series.x[best].toFixed(2)}, ${series.y[best].toPrecision(6)}`);
      }
    }));
    readout.textContent = parts.join("   ");
  };
  const place = (event) => Math.min(Math.max(event.offsetX, left), width - right);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag = [place(event), place(event)];
  });
  canvas.addEventListener("pointermove", (event) => {
    hover = fromX(place(event));
    if (drag) drag[1] = place(event);
    tell(); draw();
  });
  canvas.addEventListener("pointerup", () => {
    if (drag && Math.abs(drag[1] - drag[0]) > 4) view = [fromX(Math.min(...drag)), fromX(Math.max(...drag))];
    drag = null; draw();
  });
  canvas.addEventListener("pointerleave", () => { hover = null; tell(); draw(); });
  canvas.addEventListener("dblclick", () => { view = [...whole]; draw(); });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const at = fromX(place(event)), factor = Math.exp(0.0015 * event.deltaY);
    view = [at + (view[0] - at) * factor, at + (view[1] - at) * factor];
    if (view[1] - view[0] > whole[1] - whole[0]) view = [...whole];
    draw();
  }, { passive: false });
  window.addEventListener("resize", draw);
  draw();
}
