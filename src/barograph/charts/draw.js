(() => {
  const settings = { displayModeBar: false, responsive: true, showTips: false };
  const paperWidth = 660;
  const plots = () => [...document.querySelectorAll(".plot")];
  const visible = (box) => box.offsetParent !== null;
  const draw = (box) => {
    if (box.dataset.drawn || !visible(box)) return;
    const figure = JSON.parse(box.querySelector("script").textContent);
    figure.data.forEach((trace) => { if (trace.x.of !== undefined) trace.x = figure.data[trace.x.of].x; });
    box.dataset.drawn = "yes";
    box.replaceChildren();
    Plotly.newPlot(box, figure.data, figure.layout, settings);
  };
  const drawAll = () => plots().forEach(draw);
  document.querySelectorAll(".choice").forEach((choice) => {
    const panels = [...choice.querySelectorAll(":scope > .panel")];
    choice.querySelector("select").addEventListener("change", (event) => {
      const wanted = event.target.value;
      panels.forEach((panel, index) => { panel.hidden = wanted !== "all" && String(index) !== wanted; });
      drawAll();
      window.dispatchEvent(new Event("resize"));
    });
  });
  document.querySelectorAll("details").forEach((fold) => fold.addEventListener("toggle", drawAll));
  const resize = (width) => plots().filter((box) => box.dataset.drawn && visible(box)).forEach((box) => {
    const narrow = box.closest(".grid") ? width / 2 - 8 : width;
    Plotly.relayout(box, width ? { width: narrow, autosize: false } : { width: null, autosize: true });
  });
  window.addEventListener("beforeprint", () => resize(paperWidth));
  window.addEventListener("afterprint", () => resize(0));
  document.addEventListener("barograph:changed", drawAll); // parts of the page were put in anew
  drawAll();
})();
