import { ServerConnection } from '@jupyterlab/services';
import { expect, test } from 'vitest';
import { ApiError, HeadstartApi } from '../src/restapi';

const header = { cells: [], metadata: null, jupytext: null };

/** A client whose server answers with one response; and the requests that it got. */
function client(status: number, body: string) {
  const requests: Request[] = [];
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/user/x/',
    fetch: request => {
      requests.push(request as Request);
      const hasBody = status !== 204;
      return Promise.resolve(new Response(hasBody ? body : null, { status }));
    }
  });
  return { api: new HeadstartApi(serverSettings), requests };
}

/** The body of a request. */
async function numbered(
  request: Request
): Promise<{ page: string; revision: number }> {
  return (await request.json()) as { page: string; revision: number };
}

const answer = JSON.stringify({ path: 'a b.ipynb', state: 'none' });

test('the state is asked for by path and kernel', async () => {
  const { api, requests } = client(200, answer);
  await api.status('sub/a b.ipynb', null);
  const url = new URL(requests[0].url);
  expect(url.pathname).toBe('/user/x/headstart/api/notebook');
  expect(url.searchParams.get('path')).toBe('sub/a b.ipynb');
  expect(url.searchParams.get('kernel')).toBe('');
});

test('headers and closings are numbered, each page from the beginning', async () => {
  const { api, requests } = client(200, answer);
  await api.push('a.ipynb', 'k1', header);
  await api.push('b.ipynb', 'k1', header);
  await api.close('a.ipynb');
  expect(requests[0].method).toBe('PUT');
  const [first, , closing] = await Promise.all(requests.map(numbered));
  expect(first).toEqual({
    path: 'a.ipynb',
    kernel_id: 'k1',
    page: expect.any(String) as string,
    revision: 1,
    ...header
  });
  expect(closing).toEqual({ path: 'a.ipynb', page: first.page, revision: 3 });

  const other = client(200, answer);
  await other.api.push('a.ipynb', 'k1', header);
  const again = await numbered(other.requests[0]);
  expect(again.revision).toBe(1);
  expect(again.page).not.toBe(first.page);
});

test('a build is asked for with the header, numbered like one', async () => {
  const { api, requests } = client(200, answer);
  await api.push('a.ipynb', 'k1', header);
  await api.build('a.ipynb', 'k1', header);
  expect(requests[1].method).toBe('POST');
  expect(new URL(requests[1].url).pathname).toMatch(/headstart\/api\/build$/);
  const body = await numbered(requests[1]);
  expect(body).toMatchObject({ kernel_id: 'k1', revision: 2, ...header });
});

test('cancelling needs no body in the answer', async () => {
  const { api, requests } = client(204, '');
  await api.cancel('a.ipynb', 'k1');
  expect(await requests[0].json()).toEqual({
    path: 'a.ipynb',
    kernel_id: 'k1'
  });
});

test('an error of the server keeps its message and hint', async () => {
  const error = { code: 'header', message: 'Cell 2: no.', hint: 'Mend it.' };
  const { api } = client(400, JSON.stringify({ message: 'Bad', error }));
  const reason = await api
    .refresh('a.ipynb', header, 'cached')
    .catch((caught: unknown) => caught);
  expect(reason).toBeInstanceOf(ApiError);
  expect((reason as ApiError).message).toBe('Cell 2: no.');
  expect((reason as ApiError).failure?.hint).toBe('Mend it.');
});

test.each(['<html>Bad gateway</html>', '{"error": 7}', ''])(
  'an answer that is not ours gives the HTTP status: %j',
  async body => {
    const { api } = client(502, body);
    await expect(api.status('a.ipynb', null)).rejects.toThrow(/^502/);
  }
);
