//! The table of the demo's campaigns.

/// The plan of one campaign, from which [`super::world`] makes the rest.
pub(crate) struct CampaignPlan {
    pub(crate) name: &'static str,
    pub(crate) tag: &'static str,
    /// The products. Each has one banner in each of `sizes`.
    pub(crate) products: [&'static str; 7],
    pub(crate) sizes: [(u32, u32); 2],
    /// The average revenue of a conversion, in hundredths of the currency.
    pub(crate) price: u64,
    /// How many banners convert in each quarter, which decides the rule.
    pub(crate) converting: [usize; 4],
    /// How many banners are so new that nobody has clicked them.
    pub(crate) fresh: usize,
}

const BOX: (u32, u32) = (300, 250);
const LARGE_BOX: (u32, u32) = (336, 280);
const LEADERBOARD: (u32, u32) = (728, 90);
const SKYSCRAPER: (u32, u32) = (160, 600);
const MOBILE: (u32, u32) = (320, 50);
const BILLBOARD: (u32, u32) = (970, 250);

/// The campaigns that run. In each quarter some of them have each of the four rules.
#[rustfmt::skip] // one line each reads as the table it is
pub(crate) const RUNNING: [CampaignPlan; 12] = [
    CampaignPlan { name: "Spring shoes", tag: "fashion", sizes: [BOX, LEADERBOARD], price: 6_400, converting: [12, 11, 13, 10], fresh: 1,
        products: ["Trail runner", "City sneaker", "Canvas slip-on", "Rain boot", "Weekend loafer", "Court classic", "First steps"] },
    CampaignPlan { name: "City breaks", tag: "travel", sizes: [BOX, BILLBOARD], price: 7_200, converting: [11, 8, 12, 7], fresh: 2,
        products: ["Weekend in Lisbon", "Night train to Vienna", "Tram tour of Porto", "Museums of Berlin", "Harbours of Gothenburg", "Bridges of Prague", "Sunrise in Split"] },
    CampaignPlan { name: "Coffee club", tag: "food", sizes: [BOX, MOBILE], price: 1_450, converting: [8, 6, 9, 5], fresh: 2,
        products: ["Café crème", "Single origin Sidamo", "Cold brew kit", "Espresso for two", "Decaf that tastes", "Hand grinder", "Monthly surprise"] },
    CampaignPlan { name: "Home office", tag: "work", sizes: [LARGE_BOX, SKYSCRAPER], price: 5_900, converting: [7, 10, 4, 9], fresh: 3,
        products: ["Standing desk", "Quiet keyboard", "Warm desk lamp", "Chair with a back", "Cable tamer", "Second screen", "Footrest"] },
    CampaignPlan { name: "Garden season", tag: "home", sizes: [BOX, SKYSCRAPER], price: 2_300, converting: [3, 5, 2, 6], fresh: 3,
        products: ["Tomato starter set", "Raised bed", "Rain barrel", "Hedge trimmer", "Wild flower mix", "Fire bowl", "Hammock"] },
    CampaignPlan { name: "Board games", tag: "leisure", sizes: [BOX, LEADERBOARD], price: 2_850, converting: [2, 4, 0, 3], fresh: 4,
        products: ["Islands of salt", "Night market", "The last lighthouse", "Bees and barons", "Ten minute heist", "Cloud painters", "Tiny railways"] },
    CampaignPlan { name: "Language lessons", tag: "learning", sizes: [LARGE_BOX, MOBILE], price: 1_900, converting: [0, 1, 3, 2], fresh: 5,
        products: ["Spanish in a month", "Italian for travellers", "Portuguese by ear", "French with films", "Dutch for neighbours", "Japanese first words", "Swedish songs"] },
    CampaignPlan { name: "Second-hand books", tag: "culture", sizes: [BOX, LEADERBOARD], price: 950, converting: [0, 0, 1, 0], fresh: 6,
        products: ["Crime by the metre", "Poems for trains", "Cookbooks with stains", "Atlases", "First editions", "Letters and diaries", "Science of yesterday"] },
    CampaignPlan { name: "Night sky", tag: "science", sizes: [BILLBOARD, LARGE_BOX], price: 6_900, converting: [5, 2, 10, 1], fresh: 2,
        products: ["Beginner's telescope", "Star map", "Red light torch", "Moon filter", "Meteor camp", "Warm blanket", "Eclipse glasses"] },
    CampaignPlan { name: "Bike to work", tag: "mobility", sizes: [BOX, MOBILE], price: 4_700, converting: [10, 12, 7, 11], fresh: 1,
        products: ["Folding bike", "Rain cape", "Bright lights", "Cargo rack", "Soft saddle", "Lock that holds", "Spring service"] },
    CampaignPlan { name: "Slow cooking", tag: "food", sizes: [LARGE_BOX, LEADERBOARD], price: 3_600, converting: [4, 7, 5, 8], fresh: 3,
        products: ["Cast iron pot", "Sourdough basket", "Stock by the litre", "Bean atlas", "Sharp knives", "Clay baker", "Spice drawer"] },
    CampaignPlan { name: "Small museums", tag: "culture", sizes: [BOX, SKYSCRAPER], price: 1_200, converting: [1, 0, 0, 0], fresh: 7,
        products: ["Museum of clocks", "House of maps", "Button collection", "Radio attic", "Salt museum", "Puppet theatre", "Garden of bells"] },
];

/// The campaigns that show nothing, each for another reason.
#[rustfmt::skip]
pub(crate) const RESTING: [CampaignPlan; 4] = [
    CampaignPlan { name: "Winter coats", tag: "fashion", sizes: [BOX, LEADERBOARD], price: 7_000, converting: [6, 5, 7, 5], fresh: 2,
        products: ["Down to minus ten", "Wool and weather", "Parka with pockets", "City coat", "Rain shell", "Light layers", "Scarf for two"] },
    CampaignPlan { name: "Summer festival", tag: "culture", sizes: [BILLBOARD, BOX], price: 5_500, converting: [0; 4], fresh: 14,
        products: ["Lake stage", "Dancing barefoot", "Tent and breakfast", "Sunset concert", "Family Sunday", "Last night", "Early birds"] },
    CampaignPlan { name: "New year gym", tag: "sport", sizes: [BOX, MOBILE], price: 3_900, converting: [4, 3, 6, 2], fresh: 3,
        products: ["First month free", "Morning swim", "Yoga at noon", "Climbing hall", "Back school", "Rowing class", "Sauna evening"] },
    CampaignPlan { name: "Idea without pictures", tag: "draft", sizes: [BOX, BOX], price: 1_000, converting: [0; 4], fresh: 14,
        products: [""; 7] },
];
