/**
 * What shells run to write down each command: see `collectors/commands/record.ts` for the form. None of them starts a process
 * while commands are typed, waits for anything, or minds whether Weir runs. What cannot be written is not, silently.
 *
 * A shell writes into a file of its own, so that no two mix; past some size into the next, of which the last few stay.
 */

/** Shells that there is a hook for. */
export const HOOK_SHELLS = ["bash", "zsh", "fish"] as const;

export type HookShell = (typeof HOOK_SHELLS)[number];

/** Bytes in one file, about. */
const FILE_BYTES_MAX = 262_144;

/** Files of one shell that stay unread; older ones are emptied. */
const PARTS_MAX = 8;

/** Files of one user; a shell that begins removes the oldest past this. */
const FILES_MAX = 64;

/**
 * The hook of a shell.
 *
 * @param folder where it writes: absolute, or beginning with `~/`.
 */
export function hookSnippet(shell: HookShell, folder: string): string {
  const text = { bash: BASH, zsh: ZSH, fish: FISH }[shell];
  return text
    .replaceAll(
      "@FOLDER@",
      folder.startsWith("~/") ? `"$HOME"${quoted(folder.slice(1), shell)}` : quoted(folder, shell),
    )
    .replaceAll("@BYTES@", String(FILE_BYTES_MAX))
    .replaceAll("@PARTS@", String(PARTS_MAX))
    .replaceAll("@FILES@", String(FILES_MAX));
}

function quoted(text: string, shell: HookShell): string {
  const escaped = shell === "fish" ? text.replace(/['\\]/g, "\\$&") : text.replaceAll("'", "'\\''");
  return `'${escaped}'`;
}

/**
 * PS0 is expanded by the shell itself when a command begins; `history 1` goes straight into the file. What history is told not
 * to keep is known by the first command that the DEBUG trap saw. `$?` and `$_` stay as they are.
 */
const BASH = String.raw`if [[ $- == *i* && -z "$\{_weir_dir-}" && $\{BASH_VERSINFO[0]} -ge 5 ]]; then
  _weir_dir=@FOLDER@
  _weir_tty=$(tty 2>/dev/null) || _weir_tty=
  _weir_part=0 _weir_bytes=0 _weir_number=0 _weir_began=0 _weir_armed=0 _weir_first= _weir_cwd=$PWD _weir_none=
  _weir_name=$_weir_dir/commands-$UID-$EPOCHSECONDS-$$
  _weir_file=$_weir_name-0.log
  [[ -d $_weir_dir ]] || (umask 077; mkdir -p -- "$_weir_dir") 2>/dev/null
  _weir_create() {
    (umask 077; : >"$_weir_file") 2>/dev/null
  }
  _weir_tidy() {
    local files=("$_weir_dir"/commands-$UID-*.log)
    (( $\{#files[@]} > @FILES@ )) && rm -f -- "$\{files[@]:0:$\{#files[@]}-@FILES@}" 2>/dev/null
    return 0
  }
  _weir_next() {
    _weir_bytes=0
    _weir_part=$((_weir_part + 1))
    _weir_file=$_weir_name-$_weir_part.log
    local old=$_weir_name-$((_weir_part - @PARTS@)).log
    [[ -f $old && -O $old ]] && : 2>/dev/null >|"$old"
    _weir_create
  }
  _weir_prompt() {
    local status=$? now=$\{EPOCHREALTIME/[.,]/} count='\!'
    if ((_weir_began)); then
      count=$\{count@P}
      local form='history='
      [[ $count != "$_weir_count" ]] && form='history+'
      _weir_number=$((_weir_number + 1))
      [[ -e $_weir_file ]] || _weir_create
      if [[ -f $_weir_file && -O $_weir_file && -w $_weir_file ]]; then
        {
          builtin printf '%s\0' weir1 bash "$_weir_number" "$_weir_began" '' "$status" "$_weir_tty" "$_weir_cwd" "$form"
          HISTTIMEFORMAT= builtin history 1
          builtin printf '\0%s\0%s\0\n' "$_weir_first" "$now"
        } 2>/dev/null >>"$_weir_file"
        _weir_bytes=$((_weir_bytes + 160 + $\{#_weir_first} + $\{#_weir_cwd}))
        ((_weir_bytes > @BYTES@)) && _weir_next
      fi
      _weir_count=$count
    else
      _weir_count=$\{count@P}
      # An empty history has the number 1, as has the first command in it.
      ((_weir_number == 0)) && [[ $_weir_count == 1 ]] && _weir_count=0
    fi
    _weir_began=0 _weir_armed=0 _weir_first= _weir_cwd=$PWD
    return "$status"
  }
  _weir_create
  _weir_tidy
  PS0=$\{PS0-}'$\{_weir_none:(_weir_began=$\{EPOCHREALTIME/[.,]/},_weir_armed=1,0):0}'
  if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
    PROMPT_COMMAND=(_weir_prompt "$\{PROMPT_COMMAND[@]}")
  else
    PROMPT_COMMAND='_weir_prompt'"$\{PROMPT_COMMAND:+;$PROMPT_COMMAND}"
  fi
  if [[ -z $(trap -p DEBUG) ]]; then
    trap '((_weir_armed)) && [[ -n $\{_weir_first:=$BASH_COMMAND} ]] && ((_weir_armed=0,1)) || ((1))' DEBUG
  fi
fi
`.replaceAll("$\\{", "${");

const ZSH = String.raw`if [[ -o interactive && -z "$\{_weir_dir-}" ]] && zmodload zsh/datetime 2>/dev/null; then
  typeset -g _weir_dir=@FOLDER@
  typeset -g _weir_command= _weir_began= _weir_cwd=
  typeset -gi _weir_part=0 _weir_bytes=0 _weir_number=0
  typeset -g _weir_name=$_weir_dir/commands-$UID-$EPOCHSECONDS-$$
  typeset -g _weir_file=$_weir_name-0.log
  _weir_create() {
    (umask 077; : >|"$_weir_file") 2>/dev/null
  }
  _weir_tidy() {
    emulate -L zsh
    local -a files=("$_weir_dir"/commands-$UID-*.log(N))
    ((#files > @FILES@)) && rm -f -- $\{files[1,$((#files - @FILES@))]} 2>/dev/null
    return 0
  }
  _weir_next() {
    _weir_bytes=0
    _weir_part+=1
    _weir_file=$_weir_name-$_weir_part.log
    local old=$_weir_name-$((_weir_part - @PARTS@)).log
    [[ -f $old && -O $old ]] && : 2>/dev/null >|"$old"
    _weir_create
  }
  _weir_preexec() {
    typeset -g _weir_command=$\{1:-$3} _weir_began=$EPOCHREALTIME _weir_cwd=$PWD
  }
  _weir_precmd() {
    local code=$? now=$EPOCHREALTIME
    emulate -L zsh
    if [[ -n $_weir_began ]]; then
      _weir_number+=1
      [[ -e $_weir_file ]] || _weir_create
      if [[ -f $_weir_file && -O $_weir_file && -w $_weir_file ]]; then
        builtin printf '%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0%s\0\n' weir1 zsh $_weir_number "$_weir_began" '' \
          $code "$TTY" "$_weir_cwd" text "$_weir_command" '' "$now" 2>/dev/null >>|"$_weir_file"
        _weir_bytes+=$((160 + $\{#_weir_command} + $\{#_weir_cwd}))
        ((_weir_bytes > @BYTES@)) && _weir_next
      fi
      typeset -g _weir_began= _weir_command=
    fi
    return $code
  }
  [[ -d $_weir_dir ]] || (umask 077; mkdir -p -- "$_weir_dir") 2>/dev/null
  _weir_create
  _weir_tidy
  typeset -ga preexec_functions precmd_functions
  preexec_functions=(_weir_preexec $preexec_functions)
  precmd_functions=(_weir_precmd $precmd_functions)
fi
`.replaceAll("$\\{", "${");

/** fish knows no time of day by itself: the file's own time, just after it was written to, is asked for (in whole seconds). */
const FISH = String.raw`if status is-interactive; and not set -q _weir_dir
  set -g _weir_dir @FOLDER@
  set -g _weir_tty (tty 2>/dev/null; or true)
  string match -q '/*' -- $_weir_tty; or set -g _weir_tty ''
  set -g _weir_uid (id -u)
  set -g _weir_part 0
  set -g _weir_bytes 0
  set -g _weir_number 0
  set -g _weir_cwd $PWD
  set -g _weir_name $_weir_dir/commands-$_weir_uid-(date +%s)-$fish_pid
  set -g _weir_file $_weir_name-0.log
  test -d $_weir_dir; or sh -c 'umask 077; mkdir -p -- "$1"' sh $_weir_dir 2>/dev/null
  function _weir_create
    sh -c 'umask 077; : >"$1"' sh $_weir_file 2>/dev/null
  end
  function _weir_tidy
    set -l files $_weir_dir/commands-$_weir_uid-*.log
    if test (count $files) -gt @FILES@
      rm -f -- $files[1..(math (count $files) - @FILES@)] 2>/dev/null
    end
  end
  function _weir_next
    set -g _weir_bytes 0
    set -g _weir_part (math $_weir_part + 1)
    set -g _weir_file $_weir_name-$_weir_part.log
    set -l old $_weir_name-(math $_weir_part - @PARTS@).log
    test -f $old -a -w $old; and printf '' >$old
    _weir_create
  end
  function _weir_preexec --on-event fish_preexec
    set -g _weir_cwd $PWD
  end
  function _weir_postexec --on-event fish_postexec
    set -l code $status
    set -g _weir_number (math $_weir_number + 1)
    test -e $_weir_file; or _weir_create
    if test -f $_weir_file -a -w $_weir_file
      printf '%s\0' weir1 fish $_weir_number '' "$CMD_DURATION" $code "$_weir_tty" "$_weir_cwd" text "$argv[1]" '' >>$_weir_file
      set -l now (path mtime -- $_weir_file 2>/dev/null; or date +%s)
      printf '%s\0\n' "$now" >>$_weir_file
      set -g _weir_bytes (math $_weir_bytes + 160 + (string length -- "$argv[1]$_weir_cwd"))
      test $_weir_bytes -gt @BYTES@; and _weir_next
    end
    return $code
  end
  _weir_create
  _weir_tidy
end
`;
