import { createServer } from "node:http";
import { json } from "node:stream/consumers";

// How credit was scored before there was a model: the longer it is to be paid back, the worse. It speaks as the scorer does.

const server = createServer(async (request, response) => {
  if (request.url === "/ping") return void response.writeHead(200).end();
  const { instances } = (await json(request)) as { readonly instances: readonly { readonly Duration: number }[] };
  const predictions = instances.map(({ Duration: months }) => {
    const score = Math.max(0, 1 - months / 72);
    return { score, predicted_label: score >= 0.5 ? "Good" : "Bad" };
  });
  const model = { name: "by-hand", version: "0" };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ model, predictions }));
});
server.listen(Number(process.env["SAGEMAKER_BIND_TO_PORT"] ?? 8080), process.env["HOST"] ?? "0.0.0.0");
process.once("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
