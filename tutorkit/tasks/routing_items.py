"""The things that are routed: common nouns, each under the one class that everybody would name."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ITEMS: Mapping[str, tuple[str, ...]] = {
    "animal": _words(
        "ant bear beaver bee buffalo butterfly camel cat cheetah chicken cow crab crocodile crow deer dog "
        "dolphin donkey duck eagle elephant falcon fox frog giraffe goat goose gorilla hamster hedgehog horse "
        "kangaroo leopard lion lizard monkey moose mouse ostrich otter owl panda parrot penguin pig rabbit "
        "rat seal shark sheep snake spider squirrel swan tiger turtle whale wolf zebra"
    ),
    "fruit": _words(
        "apple apricot avocado banana blackberry blackcurrant blueberry cantaloupe cherry clementine coconut "
        "cranberry date elderberry fig gooseberry grape grapefruit guava kiwi kumquat lemon lime loganberry "
        "lychee mandarin mango melon mulberry nectarine orange papaya peach pear persimmon pineapple plantain "
        "plum pomegranate pomelo quince raspberry redcurrant satsuma strawberry tangerine watermelon"
    ),
    "tool": _words(
        "anvil awl axe bradawl chainsaw chisel clamp cleaver crowbar drill file gimlet grinder hacksaw hammer "
        "handsaw hatchet hoe jack jigsaw ladder lathe level mallet nailgun paintbrush pickaxe plane pliers "
        "plunger rake rasp ratchet router sander saw screwdriver shears shovel sickle sledgehammer spade "
        "spanner stapler trowel vice wheelbarrow wrench"
    ),
    "garment": _words(
        "anorak apron beanie belt beret blazer blouse bonnet cap cape cardigan cloak coat corset dress fleece "
        "gown hat hoodie jacket jersey jumper kilt kimono mitten nightgown overcoat parka poncho pullover "
        "pyjama raincoat robe sari sarong scarf shawl shirt skirt sock stocking suit sweater sweatshirt tie "
        "toga tracksuit tunic tuxedo waistcoat"
    ),
    "vehicle": _words(
        "aeroplane airship ambulance barge bicycle boat bulldozer bus camper canoe car carriage cart "
        "catamaran coach convertible dinghy ferry forklift frigate glider helicopter hovercraft jeep jet "
        "kayak limousine lorry minibus moped motorboat motorcycle rickshaw rowboat sailboat scooter ship "
        "sledge snowmobile speedboat submarine taxi tractor train tram tricycle trolleybus truck van yacht"
    ),
    "musical instrument": _words(
        "accordion bagpipe banjo bassoon bugle castanet celesta cello clarinet clavichord concertina cornet "
        "cymbal didgeridoo drum dulcimer euphonium fiddle flugelhorn flute glockenspiel gong guitar harmonica "
        "harmonium harp harpsichord kazoo lute lyre mandolin maraca marimba oboe ocarina organ piano piccolo "
        "recorder saxophone sitar tambourine timpani triangle trombone trumpet tuba ukulele vibraphone viola "
        "violin xylophone zither"
    ),
}

UNUSED: Mapping[str, tuple[str, ...]] = {
    "planet": _words("earth jupiter mars mercury neptune saturn uranus venus"),
    "coin": _words("cent crown dime dollar ducat farthing florin guinea nickel penny quarter shilling"),
    "poem": _words("ballad elegy epigram epic haiku hymn idyll limerick ode rondeau sonnet villanelle"),
}
"""Classes that no task has: what is taught of them is right and helps nobody."""
