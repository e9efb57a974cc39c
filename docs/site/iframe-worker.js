// A page opened from a folder may not start a worker. There, and only there, the search runs in a hidden frame.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const { port1, port2 } = new MessageChannel()
      const frame = document.createElement("iframe")
      frame.hidden = true
      frame.srcdoc = `<script>(${begin})()<\/script>`
      frame.onload = () => frame.contentWindow.postMessage(new URL(url, location).href, "*", [port2])
      port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }))
      this.port = port1
      document.documentElement.append(frame)
    }
    postMessage(data) {
      this.port.postMessage(data)
    }
  }

// What runs in the frame: waits for the script's address and the port, then stands between the two.
function begin() {
  const load = (src, after) => {
    const script = Object.assign(document.createElement("script"), { src, onload: after })
    document.documentElement.append(script)
  }
  self.importScripts = (...urls) =>
    urls.reduce((before, url) => before.then(() => new Promise((done) => load(url, done))), Promise.resolve())
  self.addEventListener(
    "message",
    ({ data: url, ports: [port] }) => {
      self.postMessage = (data) => port.postMessage(data)
      load(url, () => {
        port.onmessage = ({ data }) => self.dispatchEvent(new MessageEvent("message", { data }))
      })
    },
    { once: true },
  )
}
