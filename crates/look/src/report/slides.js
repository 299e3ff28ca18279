for (const figure of document.querySelectorAll("figure.slides")) {
  const slider = figure.querySelector("input");
  const name = figure.querySelector("output");
  const slides = [...figure.querySelectorAll(".slide")];
  const show = () => {
    slides.forEach((slide, k) => { slide.hidden = k !== Number(slider.value); });
    name.textContent = slides[slider.value]?.dataset.name ?? "";
  };
  figure.classList.add("live");
  slider.addEventListener("input", show);
  show();
}
