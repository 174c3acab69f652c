/** Module hooks. They give `read-message.js` legs that send events, and `directory-actors.js` a server chart that handles them. */

/** @type {import('node:module').ResolveHook} */
export const resolve = async (specifier, context, next) => {
  const parent = context.parentURL ?? '';
  if (parent.endsWith('/dist/transport/read-message.js') && /\/(phone|binary)-leg\.js$/.test(specifier)) {
    return { url: new URL('./charted-legs.js', import.meta.url).href, shortCircuit: true };
  }
  if (parent.endsWith('/dist/machines/directory-actors.js') && specifier.endsWith('/server-machine.js')) {
    return { url: new URL('./charted-server-machine.js', import.meta.url).href, shortCircuit: true };
  }
  return await next(specifier, context);
};
