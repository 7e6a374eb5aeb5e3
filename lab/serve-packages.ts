import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

// A program of its own, started in the lab's network: it serves the files of one folder to apt, and nothing below it.
// It imports nothing of ours, so that Node runs it from source as well as built.
const folder = process.argv[2] ?? '.';

createServer((request, response) => {
  const file = join(folder, basename(decodeURIComponent(new URL(request.url ?? '/', 'http://lab').pathname)));
  stat(file)
    .then((status) => {
      if (!status.isFile()) return response.writeHead(404).end();
      const modified = new Date(Math.floor(status.mtimeMs / 1000) * 1000);
      if (Date.parse(request.headers['if-modified-since'] ?? '') >= modified.getTime())
        return response.writeHead(304).end();
      response.writeHead(200, { 'content-length': status.size, 'last-modified': modified.toUTCString() });
      return createReadStream(file).pipe(response);
    })
    .catch(() => response.writeHead(404).end());
}).listen(80);
