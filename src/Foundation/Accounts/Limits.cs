using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every size and time Accounts keeps to, with the reason.</summary>
public static class Limits
{
    /// <summary>
    /// How long what was read of a key, a session or an organisation is believed: the promise that a revoked key is
    /// refused on every replica within a second.
    /// </summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// When something in use is read again behind the callers' backs: half of <see cref="FreshFor"/>, so that a busy
    /// key never makes anyone wait.
    /// </summary>
    public static readonly TimeSpan RefreshAfter = FreshFor / 2;

    /// <summary>
    /// Organisations and billing accounts remembered per generation (two are kept): a replica that serves more within
    /// a second reads some of them again. About 8 MB each.
    /// </summary>
    public const int ProfilesRememberedMax = 20_000;

    /// <summary>Letters of a name: fits a heading; an address line on an invoice is shorter.</summary>
    public const int NameLettersMax = 200;

    /// <summary>Letters of a reason: a paragraph, not a file.</summary>
    public const int ReasonLettersMax = 1_000;

    /// <summary>Billing accounts of an organisation, closed ones too: all are read to tell which one is meant.</summary>
    public const int BillingAccountsMax = 1_000;

    /// <summary>Keys, and as many wrong ones, remembered per generation (two are kept): about 10 MB.</summary>
    public const int KeysRememberedMax = 20_000;

    /// <summary>Readings of keys at once: wrong keys sent by the thousand leave the other connections alone.</summary>
    public const int KeyReadingsAtOnceMax = 8;

    /// <summary>How exact "last used" is; also the most often a key's row is written for it.</summary>
    public static readonly TimeSpan KeyUsesWrittenEvery = TimeSpan.FromMinutes(1);

    /// <summary>Keys whose use is noted between two writings: more are noted the next minute.</summary>
    public const int KeyUsesNotedMax = 100_000;

    /// <summary>Rows one statement marks as used: a few milliseconds.</summary>
    public const int KeyUsesWrittenAtOnceMax = 5_000;

    /// <summary>Keys in use per organisation: a list a person can still look through.</summary>
    public const int KeysInUseMax = 1_000;

    /// <summary>How long a replaced key may work on: a deployment a week.</summary>
    public static readonly TimeSpan KeyOverlapLongest = TimeSpan.FromDays(7);

    /// <summary>How long a replaced key works on where nobody says.</summary>
    public static readonly TimeSpan KeyOverlapDefault = TimeSpan.FromDays(1);

    /// <summary>Service accounts of an organisation: a list on one page.</summary>
    public const int ServiceAccountsMax = 200;

    /// <summary>Entries of the audit log recomputed beside a page of it: some ten milliseconds.</summary>
    public const long AuditVerifiedAtOnce = 10_000;

    /// <summary>Entries of the audit log read at once while it is exported: a megabyte or so.</summary>
    public const int AuditExportedAtOnce = 1_000;

    /// <summary>How long a program waits to be let in: long enough to find the browser and to sign in.</summary>
    public static readonly TimeSpan DeviceCodeLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long past device codes are told apart from codes that never were.</summary>
    public static readonly TimeSpan DeviceCodeKeptFor = TimeSpan.FromHours(1);

    /// <summary>Between two questions of a program that waits; also how much longer when it asks too often (RFC 8628).</summary>
    public static readonly TimeSpan DevicePollInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long a device's key works before its person signs in there again.</summary>
    public static readonly TimeSpan DeviceKeyLifetime = TimeSpan.FromDays(90);

    /// <summary>
    /// Codes one person may look at or decide about within <see cref="DeviceCodeLifetime"/>: with 2^34 codes nobody
    /// guesses one.
    /// </summary>
    public const int DeviceTriesMax = 20;

    /// <summary>Codes given out to one visitor within their lifetime: a class room behind one router.</summary>
    public const int DeviceCodesPerVisitorMax = 60;

    /// <summary>Programs that wait at all: a table that stays in memory.</summary>
    public const int DeviceCodesMax = 10_000;

    /// <summary>Codes tried until one is free: two of ten thousand meet once in a million.</summary>
    public const int UserCodeAttemptsMax = 3;

    /// <summary>SSH keys of a person: a machine each, with some to spare.</summary>
    public const int SshKeysMax = 50;

    /// <summary>How long an operator acts in a person's stead: a call with the customer, not a working day.</summary>
    public static readonly TimeSpan ImpersonationLifetime = TimeSpan.FromHours(1);

    /// <summary>People of the operator that are listed: a company's, on one page.</summary>
    public const int OperatorsMax = 500;

    /// <summary>How often impersonations that ran out are recorded: the log is a minute behind at most.</summary>
    public static readonly TimeSpan ImpersonationsEndedEvery = TimeSpan.FromMinutes(1);

    /// <summary>Impersonations ended at once: each is one short transaction.</summary>
    public const int ImpersonationsEndedAtOnceMax = 100;

    /// <summary>Organisations shown beside a person; few belong to more.</summary>
    public const int MembershipsShown = 20;

    /// <summary>Letters of an announcement: two lines on a screen.</summary>
    public const int BannerLettersMax = 500;

    /// <summary>How long an announcement stands at most: what is forgotten goes away by itself.</summary>
    public static readonly TimeSpan BannerLifetimeMax = TimeSpan.FromDays(90);

    /// <summary>How long a trial's credit may be spent.</summary>
    public static readonly TimeSpan TrialCreditLifetime = TimeSpan.FromDays(30);

    /// <summary>The most a trial gives, whatever a flag says: a slip of the finger costs a thousand, not a million.</summary>
    public const long TrialCreditMicrosMax = 1_000_000_000;

    /// <summary>Keys that made one another, followed back to a person: people make most keys, machines a few.</summary>
    public const int KeyLineLengthMax = 100;

    /// <summary>How long a sign-in link works: long enough to switch windows, too short to be found later.</summary>
    public static readonly TimeSpan SignInLinkLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long a session lasts without use: a holiday ends it, a weekend does not.</summary>
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(7);

    /// <summary>How long a session lasts however much it is used: a stolen cookie is worth no more.</summary>
    public static readonly TimeSpan SessionLifetimeMax = TimeSpan.FromDays(30);

    /// <summary>By how much a session's end moves at least: rows are not written for less.</summary>
    public static readonly TimeSpan SessionSlidesBy = TimeSpan.FromHours(1);

    /// <summary>How exact "last seen" is; also the most often a session's row is written for it.</summary>
    public static readonly TimeSpan SessionUsesWrittenEvery = TimeSpan.FromMinutes(1);

    /// <summary>Sessions whose use is noted between two writings: more are noted the next minute.</summary>
    public const int SessionUsesNotedMax = 100_000;

    /// <summary>Rows one statement marks as used: a few milliseconds.</summary>
    public const int SessionUsesWrittenAtOnceMax = 5_000;

    /// <summary>Sessions of a person that are listed: more than anybody looks through.</summary>
    public const int SessionsListedMax = 100;

    /// <summary>
    /// How long a proof of who somebody is counts for what matters most: what a forgotten window could be used for later
    /// asks for another one.
    /// </summary>
    public static readonly TimeSpan ProofIsRecentFor = TimeSpan.FromMinutes(10);

    /// <summary>Recovery codes of a person: a lost phone happens a few times, a list of ten fits a drawer.</summary>
    public const int RecoveryCodes = 10;

    /// <summary>Letters of a code: a recovery code with spaces and hyphens.</summary>
    public const int CodeLettersMax = 20;

    /// <summary>How long somebody may look for their phone.</summary>
    public static readonly TimeSpan SecondFactorTicketLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Letters kept of what a browser calls itself: enough to tell one from another.</summary>
    public const int UserAgentLettersMax = 400;

    /// <summary>Sessions remembered per generation, and people's memberships: who clicked within the last second.</summary>
    public const int SessionsRememberedMax = 20_000;

    /// <summary>How long an invitation's link works: a week of holidays.</summary>
    public static readonly TimeSpan InvitationLifetime = TimeSpan.FromDays(7);

    /// <summary>Invitations that wait in one organisation: one list to look through.</summary>
    public const int InvitationsPendingMax = 200;

    /// <summary>How long an organisation is offered to somebody before the offer lapses.</summary>
    public static readonly TimeSpan OwnershipOfferLifetime = TimeSpan.FromDays(7);

    /// <summary>How long a deleted organisation can be restored: a month's bill comes within it.</summary>
    public static readonly TimeSpan DeletionGrace = TimeSpan.FromDays(30);

    /// <summary>How long a person can take their own deletion back: a fortnight's holiday.</summary>
    public static readonly TimeSpan PersonDeletionGrace = TimeSpan.FromDays(14);

    /// <summary>How often deletions of people are carried on; also how soon their own organisation follows them.</summary>
    public static readonly TimeSpan PeopleDeletedEvery = TimeSpan.FromMinutes(1);

    /// <summary>People deleted at once: each is a few short transactions.</summary>
    public const int PeopleDeletedAtOnceMax = 20;

    /// <summary>How often organisations whose grace is over are looked for: the day was promised, not the minute.</summary>
    public static readonly TimeSpan ClosedEvery = TimeSpan.FromMinutes(10);

    /// <summary>Organisations closed at once: each is one short transaction.</summary>
    public const int ClosedAtOnceMax = 20;

    /// <summary>Organisations one person owns: more are a business, which the operator sets up.</summary>
    public const int OwnedOrganisationsMax = 20;

    /// <summary>How often a suffix is tried for a taken slug; six letters of chance hardly ever need a second try.</summary>
    public const int SlugAttemptsMax = 4;

    /// <summary>Projects of one organisation, archived ones too: one list to look through.</summary>
    public const int ProjectsMax = 500;

    /// <summary>Mail domains of one organisation: a group of companies.</summary>
    public const int DomainsMax = 20;

    /// <summary>Organisations suggested to one person: those of one company.</summary>
    public const int SuggestionsMax = 20;

    /// <summary>Tries of one person to join one organisation: who was turned away may ask again, not pester.</summary>
    internal static readonly RateLimit JoinTries = new("join.try", 5, TimeSpan.FromHours(4));

    /// <summary>People mailed when somebody asks to join: one of the first few will look.</summary>
    public const int DecidersToldMax = 5;

    /// <summary>Questions to the DNS for one organisation: each goes out to the network.</summary>
    internal static readonly RateLimit DomainChecks = new("domain.check", 10, TimeSpan.FromSeconds(30));

    /// <summary>Invitations mailed by one organisation: a team on its first day, not a mailing list.</summary>
    internal static readonly RateLimit InvitationMailsPerOrganisation =
        new("invite.organisation", 100, TimeSpan.FromMinutes(10));

    /// <summary>Mails about one invitation: somebody who finds none asks twice, not ten times.</summary>
    internal static readonly RateLimit MailsPerInvitation = new("invite.address", 3, TimeSpan.FromMinutes(20));

    /// <summary>People of one organisation: listed on one page, and told of by the hundred at most.</summary>
    public const int MembersMax = 1_000;

    /// <summary>Letters of an e-mail address (RFC 5321, section 4.5.3.1.3: a path of 256 with its brackets).</summary>
    public const int EmailLettersMax = 254;

    /// <summary>Letters of a password: what a person still remembers and a second factor stands behind (NIST SP 800-63B).</summary>
    public const int PasswordLettersMin = 8;

    /// <summary>Letters of a password at most: a long sentence; hashing more would only be work.</summary>
    public const int PasswordLettersMax = 200;

    /// <summary>Different letters of a password: "aaaaaaaa" is none.</summary>
    public const int PasswordDistinctLettersMin = 4;

    /// <summary>Rounds of PBKDF2 with HMAC-SHA-512: what OWASP's cheat sheet on storing passwords asks for.</summary>
    public const int PasswordIterations = 210_000;

    /// <summary>
    /// Attempts to sign in from one network: an office behind one address, and no more. Behind a proxy all share one.
    /// </summary>
    public static readonly RateLimit SignInsPerVisitor = new("sign_in.visitor", 100, TimeSpan.FromSeconds(3));

    /// <summary>Sign-ups from one network: each sends a mail to an address nobody proved.</summary>
    public static readonly RateLimit SignUpsPerVisitor = new("sign_up.visitor", 20, TimeSpan.FromMinutes(3));

    /// <summary>Requests for a new password from one network: each sends a mail.</summary>
    public static readonly RateLimit ResetsPerVisitor = new("reset.visitor", 20, TimeSpan.FromMinutes(3));

    /// <summary>Mails to one address that anybody may cause: nobody's mailbox is flooded from here.</summary>
    public static readonly RateLimit MailsPerAddress = new("mail.address", 5, TimeSpan.FromMinutes(10));

    /// <summary>Failures that cost nothing: people mistype.</summary>
    public const int FailuresFree = 5;

    /// <summary>The wait after the first failure that is not free; it doubles.</summary>
    public static readonly TimeSpan FailureWaitFirst = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The longest wait: a guesser has a hundred tries a day, and the owner, who can always set a new password by mail,
    /// is back after a coffee.
    /// </summary>
    public static readonly TimeSpan FailureWaitLongest = TimeSpan.FromMinutes(15);

    /// <summary>When failures are forgotten: a day after the last one.</summary>
    public static readonly TimeSpan FailuresForgottenAfter = TimeSpan.FromHours(24);

    /// <summary>How long a link that finishes a sign-up works: over a night.</summary>
    public static readonly TimeSpan SignUpLifetime = TimeSpan.FromHours(24);

    /// <summary>How long a link that proves an address works: over a night.</summary>
    public static readonly TimeSpan EmailTokenLifetime = TimeSpan.FromHours(24);

    /// <summary>How long a link that sets a password works: as long as one waits for a mail.</summary>
    public static readonly TimeSpan ResetLifetime = TimeSpan.FromMinutes(30);

    /// <summary>How long links that no longer work are known, to say why.</summary>
    public static readonly TimeSpan UsedLinksKeptFor = TimeSpan.FromDays(30);

    /// <summary>How often what is over is removed.</summary>
    public static readonly TimeSpan AttemptsForgottenEvery = TimeSpan.FromHours(1);

    /// <summary>A request's JSON: the longest name and reason, escaped, with room to spare.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>The body of a sign-in form: a token and a path.</summary>
    public const int SignInFormBytesMax = 4_096;

    /// <summary>How long a nonce for a wallet's signature works: time to find the wallet and read what it shows.</summary>
    public static readonly TimeSpan SiweNonceLifetime = TimeSpan.FromMinutes(5);

    /// <summary>How far a visitor's clock may be ahead or behind: their browser writes when a message was made.</summary>
    public static readonly TimeSpan SiweClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>Letters of a message a wallet signs: a screen of a phone; more nobody reads.</summary>
    public const int SiweMessageLettersMax = 4_000;

    /// <summary>Wallets of one person: a person's, not an exchange's.</summary>
    public const int WalletsMax = 20;

    /// <summary>How often proofs that were begun and never finished are removed.</summary>
    public static readonly TimeSpan ProofsSweptEvery = TimeSpan.FromMinutes(15);

    /// <summary>How long they are kept after they expired: long enough to look into a complaint.</summary>
    public static readonly TimeSpan ProofsKeptFor = TimeSpan.FromHours(1);

    /// <summary>Rows one statement removes: a few milliseconds.</summary>
    public const int ProofsSweptAtOnceMax = 5_000;

    /// <summary>How long somebody may take at another service: to find a password there, and a second factor.</summary>
    public static readonly TimeSpan ExternalRequestLifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long another service may take to answer, while somebody waits.</summary>
    public static readonly TimeSpan IssuerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The largest answer read of another service: key sets and profiles are a few kilobytes.</summary>
    public const int IssuerAnswerBytesMax = 512 * 1024;

    /// <summary>How long an issuer's addresses are believed: they change with its releases.</summary>
    public static readonly TimeSpan IssuerMetadataFreshFor = TimeSpan.FromHours(1);

    /// <summary>How often an issuer's keys are read at most: tokens with made-up key ids cause no flood there.</summary>
    public static readonly TimeSpan IssuerKeysReadEvery = TimeSpan.FromSeconds(30);

    /// <summary>How far an issuer's clock may be from ours.</summary>
    public static readonly TimeSpan IssuerClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>How old an ID token may be: it was asked for a moment ago.</summary>
    public static readonly TimeSpan IdTokenAgeMax = TimeSpan.FromMinutes(15);

    /// <summary>Other services one person signs in with.</summary>
    public const int ExternalLoginsMax = 20;

    /// <summary>Letters of the page to go back to.</summary>
    public const int ReturnToLettersMax = 2_000;

    /// <summary>How long a passkey may take to answer: time to find the device it is on.</summary>
    public static readonly TimeSpan PasskeyCeremonyLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Passkeys of one person.</summary>
    public const int PasskeysMax = 20;
}
