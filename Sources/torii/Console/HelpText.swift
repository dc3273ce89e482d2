/// The text of `torii --help`; a test holds it against the commands and flags that there are.
enum HelpText {
    static let root = """
        torii: one prompt to any model provider, and a gateway between coding agents and models.

        USAGE
          torii [OPTIONS] [PROMPT]        ask a model; text piped in is put behind the prompt
          torii COMMAND [OPTIONS]

        EXAMPLES
          torii "why is the sky blue?"
          torii --provider ollama-gpt-oss --model gpt-oss:20b "write a haiku"
          git diff | torii --system "You review code." "What can break here?"
          torii --output-format json "name three rivers" | jq -r .text
          torii serve
          torii launch codex --model gpt-oss:20b

        OPTIONS FOR A PROMPT
          --provider NAME                 the provider; without it the default one
          --model MODEL                   the model; without it the provider's own
          --system TEXT                   the system prompt
          --stream, --no-stream           show the answer as it comes (the default), or when it is whole
          --num-ctx N                     the context window in tokens, for Ollama
          --output-format FORMAT          text, json (one object at the end) or stream-json (a line for each event)
          --config FILE                   the configuration file

        ASK
          run                             ask a model; the same as torii PROMPT
          models                          list, show and pull models

        SERVE
          serve                           run the gateway
          status                          show how a running gateway and its providers are
          top                             watch what a running gateway does, by model, provider or tenant
          launch                          start a coding agent on the gateway

        ADMINISTER
          tenants                         create, suspend and delete tenants
          teams                           create, rename and delete teams
          users                           create, move and delete users
          keys                            create, rotate and revoke keys
          policies                        say which models a tenant or a team may ask for
          prices                          say what models cost
          audit                           see and check who changed tenants and keys
          usage                           report, follow and export what was used and what it cost
          budgets                         show every budget, and what of it is left
          captures                        list, export and erase what is kept of requests and their answers

        SET UP
          init                            write a first configuration
          config                          check, show, locate and import the configuration
          providers                       list, add, remove and test providers
          routes                          list the routing rules, and explain where a request goes
          doctor                          find out what does not work, and what to do
          completions                     print completions for bash, zsh or fish

        torii help COMMAND tells more of a command. torii --version prints the version.
        Exit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 credentials, 5 model unavailable, 6 context too long,
        7 provider failed, 130 interrupted.

        """
}
