import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';

// A program of its own, started in the lab's network: it serves the files of some folders to apt, and nothing below them.
// The first folder is at `/`; each further one, given as `NAME=FOLDER`, at `/NAME/`.
// It imports nothing of ours, so that Node runs it from source as well as built.
const [first = '.', ...further] = process.argv.slice(2);
const folders = new Map(
  further.map((each) => [`/${each.slice(0, each.indexOf('='))}`, each.slice(each.indexOf('=') + 1)]),
);

createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://lab').pathname);
  const file = join(folders.get(dirname(path)) ?? first, basename(path));
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
