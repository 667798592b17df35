-- Chooses the banners for all placements of one request, and writes down what was shown.
-- The same rule as `fill_pages` in bams-domain; tests hold the two together.
--
-- KEYS: one for each campaign.
-- ARGV: how many milliseconds a history lives; for each campaign what the node remembers and what
-- it guesses comes next; for each placement its campaign, its size, whether it asks for a part of the
-- banners (1 or 0), and its candidates, best first.
--
-- Answers 1 when the guess is right, else for each placement where its new cycle begins and its
-- picks, then for each campaign its new state. Numbers are little-endian u32, and a banner stays
-- the four bytes it comes in.

local LAST_PAGE = 4294967295
local FIRST_CANDIDATE = 13
local sub, pack, unpack_binary = string.sub, struct.pack, struct.unpack
local lifetime = ARGV[1]

local function pages_of(state)
  return #state >= 8 and unpack_binary('<I4', state) or 0
end

-- The later of what Redis has and what the node remembers: Redis may have lost something.
local states, guessed = {}, true
for index, key in ipairs(KEYS) do
  local mirror = ARGV[2 * index]
  local state = redis.call('GET', key) or ''
  if state ~= mirror then
    if pages_of(state) < pages_of(mirror) then
      state = mirror
    else
      guessed = false
    end
  end
  states[index] = state
end

local function write(key, state)
  if state ~= '' then
    redis.call('SET', key, state, 'PX', lifetime)
  end
end

if guessed then
  for index, key in ipairs(KEYS) do
    write(key, ARGV[2 * index + 1])
  end
  return 1
end

local function set_of(banners)
  local set = {}
  for at = 1, #banners, 4 do
    set[sub(banners, at, at + 3)] = true
  end
  return set
end

local campaigns, taken, answer = {}, {}, {}
for index, state in ipairs(states) do
  local previous, seen = '', ''
  if #state >= 8 then
    seen = sub(state, 9)
    local _, shown = unpack_binary('<I4I4', state)
    previous = sub(seen, #seen - 4 * shown + 1)
  end
  campaigns[index] = { kept = seen, seen = set_of(seen), previous = previous, shown = {} }
end

-- Adds the first candidates that are neither avoided nor taken, until there are `size` picks. A
-- banner is taken by the placement with that argument.
local function pick(picks, argument, size, avoided, shown)
  local placement = ARGV[argument]
  for at = FIRST_CANDIDATE, #placement, 4 do
    if #picks >= size then
      return
    end
    local banner = sub(placement, at, at + 3)
    if not avoided[banner] and not taken[banner] then
      taken[banner] = argument
      shown[#shown + 1] = banner
      picks[#picks + 1] = (at - FIRST_CANDIDATE) / 4
    end
  end
end

-- Returns the candidates of a placement: those that no earlier placement took.
local function candidates_of(argument)
  local placement, candidates = ARGV[argument], {}
  for at = FIRST_CANDIDATE, #placement, 4 do
    local banner = sub(placement, at, at + 3)
    if not taken[banner] or taken[banner] == argument then
      candidates[banner] = true
    end
  end
  return candidates
end

local function without(banners, forgotten)
  local kept = {}
  for at = 1, #banners, 4 do
    local banner = sub(banners, at, at + 3)
    if not forgotten[banner] then
      kept[#kept + 1] = banner
    end
  end
  return table.concat(kept)
end

for argument = 2 * #KEYS + 2, #ARGV do
  local index, size, is_part = unpack_binary('<I4I4I4', ARGV[argument])
  local campaign, picks = campaigns[index + 1], {}
  pick(picks, argument, size, campaign.seen, campaign.shown)
  local new_cycle_from = #picks
  if #picks < size then
    pick(picks, argument, size, set_of(campaign.previous), campaign.shown)
    pick(picks, argument, size, {}, campaign.shown)
    if #picks > new_cycle_from then
      if is_part == 1 then
        local candidates = candidates_of(argument)
        campaign.kept = without(campaign.kept, candidates)
        campaign.previous = without(campaign.previous, candidates)
      else
        -- What this request has shown is taken, and so need not be in `seen`.
        campaign.kept, campaign.previous = '', ''
      end
      campaign.seen = set_of(campaign.kept)
    end
  end
  answer[#answer + 1] = pack('<I4' .. string.rep('I4', #picks), new_cycle_from, unpack(picks))
end

for index, key in ipairs(KEYS) do
  local campaign, state = campaigns[index], states[index]
  if #campaign.shown > 0 then
    local pages = math.min(pages_of(state) + 1, LAST_PAGE)
    local shown = table.concat(campaign.shown)
    state = pack('<I4I4', pages, #campaign.shown) .. campaign.kept .. shown
  end
  write(key, state)
  answer[#answer + 1] = state
end
return answer
