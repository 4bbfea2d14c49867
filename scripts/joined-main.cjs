// Becomes packages/cli/joined/main.js (scripts/join-modules.ts): runs the joined modules beside it
// with code that was compiled of them at installation. Node's own cache holds no function that runs
// only later, and compiling those again takes a third of a start.
const { readFileSync, readdirSync, writeFileSync } = require('node:fs')
const { Script, constants } = require('node:vm')

/** Compiled code belongs to one build of Node; V8 itself refuses what other flags made. */
const COMPILED = `.${process.version}-${process.arch}.compiled`
const scripts = new Map()
const modules = new Map()

/** As `require` does it, of a joined module: its exports are known before it has run. */
function load(name) {
  const known = modules.get(name)
  if (known) return known.exports
  const filename = `${__dirname}/${name}`
  // A function of plain signs (scripts/join-modules.ts): nothing is decoded or joined to compile it.
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: compiledBefore(filename),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const module = { exports: {} }
  scripts.set(name, script)
  modules.set(name, module)
  script.runInThisContext()(module.exports, requireHere, module, filename, __dirname)
  return module.exports
}

const requireHere = (name) => (name.startsWith('./') ? load(name.slice(2)) : require(name))

function compiledBefore(filename) {
  try {
    return readFileSync(filename + COMPILED)
  } catch {
    return undefined
  }
}

exports.ended = load('command.js').ended

/** Keeps the code of all joined modules, with the functions that have run by now. */
exports.keepCompiled = () => {
  for (const name of readdirSync(__dirname)) {
    if (!name.endsWith('.js') || name === 'main.js') continue
    try {
      load(name)
    } catch {
      // A package that is not installed: the command that needs it says so when it is asked for.
      continue
    }
    writeFileSync(`${__dirname}/${name}${COMPILED}`, scripts.get(name).createCachedData())
  }
}
