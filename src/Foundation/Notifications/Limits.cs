namespace Quoin.Notifications;

/// <summary>Every size, rate and retry of notifications, with its reason.</summary>
public static class Limits
{
    /// <summary>Webhook endpoints of an organisation: a handful of programs, not a bus.</summary>
    public const int EndpointsMax = 20;

    /// <summary>Letters of an endpoint's address: what servers commonly take.</summary>
    public const int UrlLettersMax = 2_000;

    /// <summary>Letters of an endpoint's description, and of a reason.</summary>
    public const int DescriptionLettersMax = 500;

    /// <summary>Letters of a message's key.</summary>
    public const int KeyLettersMax = 300;

    /// <summary>Bytes of a message: it names things, the API tells the rest. Standard Webhooks asks for small payloads.</summary>
    public const int MessageBytesMax = 20 * 1024;

    /// <summary>Bytes of a request to this module: the longest address, every topic, with room to spare.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Random bytes of a signing secret: Standard Webhooks asks for 24 to 64.</summary>
    public const int SecretBytes = 32;

    /// <summary>How long the old secret signs beside the new one, unless the request says otherwise.</summary>
    public static readonly TimeSpan RotationDefault = TimeSpan.FromHours(24);

    /// <summary>How long the old secret may sign beside the new one: a week of deployments.</summary>
    public static readonly TimeSpan RotationLongest = TimeSpan.FromDays(7);

    /// <summary>How long a receiver may take to answer: Standard Webhooks suggests 15 to 30 seconds.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of an answer that are read and kept; the rest is not asked for.</summary>
    public const int AnswerBytesKept = 1_024;

    /// <summary>How long an answer's body is waited for once its status is known.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Kilobytes of an answer's headers: more is no answer to a webhook.</summary>
    public const int AnswerHeadersKilobytesMax = 16;

    /// <summary>The longest wait a receiver may ask for by <c>Retry-After</c>.</summary>
    public static readonly TimeSpan RetryAfterLongest = TimeSpan.FromHours(24);

    /// <summary>Endpoints one replica serves at once: each mostly waits for its receiver.</summary>
    public const int PlacesMax = 64;

    /// <summary>How many of them may be receivers that failed or were slow last: half, so that they hold up nobody else.</summary>
    public const int SuspectPlacesMax = PlacesMax / 2;

    /// <summary>An answer that took longer makes its receiver a suspect: the usual one takes a tenth.</summary>
    public static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(2);

    /// <summary>Requests to one endpoint at once: a receiver is not flooded by what waited while it was away.</summary>
    public const int RequestsAtOncePerEndpoint = 4;

    /// <summary>Deliveries read at once for an endpoint.</summary>
    public const int DeliveriesPerRead = 20;

    /// <summary>How long an endpoint is served before the others have their turn.</summary>
    public static readonly TimeSpan TurnLongest = TimeSpan.FromSeconds(15);

    /// <summary>How long an endpoint belongs to a replica: a turn, its last attempts, and time to record them.</summary>
    public static readonly TimeSpan LeaseDuration = TurnLongest + AttemptTimeout + TimeSpan.FromSeconds(30);

    /// <summary>The longest wait without a hint before due deliveries are looked for.</summary>
    public static readonly TimeSpan IdleLongest = TimeSpan.FromSeconds(1);

    /// <summary>The pause after the database gave way.</summary>
    public static readonly TimeSpan DatabasePause = TimeSpan.FromSeconds(2);

    /// <summary>An endpoint that never succeeded for so long is disabled.</summary>
    public static readonly TimeSpan FailingLongest = TimeSpan.FromDays(5);

    /// <summary>Deliveries one replay may start: some hours of work for a receiver.</summary>
    public const int ReplayedMax = 10_000;

    /// <summary>How far back a replay may go, and how long messages, deliveries and mails are kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    /// <summary>How often old messages are looked for.</summary>
    public static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(1);

    /// <summary>Messages forgotten by one statement.</summary>
    public const int PurgedAtOnce = 1_000;

    /// <summary>Addresses an organisation is told by.</summary>
    public const int RecipientsMax = 10;

    /// <summary>Letters of an e-mail address (RFC 5321, section 4.5.3.1.3: a path of 256 with its brackets).</summary>
    public const int AddressLettersMax = 254;

    /// <summary>
    /// Mails to one address within a day: addresses are not verified, and nobody reads more. What is above is not sent.
    /// </summary>
    public const int MailsPerAddressAndDayMax = 50;

    /// <summary>Mails one step takes.</summary>
    public const int MailsPerStep = 20;

    /// <summary>How long handing a mail over may take.</summary>
    public static readonly TimeSpan MailTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long a mail is in the hands of a replica before it counts as uncertain.</summary>
    public static readonly TimeSpan MailLease = TimeSpan.FromMinutes(2);

    /// <summary>Attempts to hand a mail over: about two days, as mail servers do themselves.</summary>
    public const int MailAttemptsMax = 12;

    /// <summary>The pause after a first refused mail; it doubles.</summary>
    public static readonly TimeSpan MailRetryFirst = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause between attempts at a mail.</summary>
    public static readonly TimeSpan MailRetryLongest = TimeSpan.FromHours(8);

    /// <summary>The longest wait without a hint before due mails are looked for.</summary>
    public static readonly TimeSpan MailIdleLongest = TimeSpan.FromSeconds(5);

    /// <summary>Letters of a failure kept with its attempt.</summary>
    public const int ErrorLettersMax = 500;

    /// <summary>Letters of a mail's subject: one line of a list.</summary>
    public const int SubjectLettersMax = 200;

    /// <summary>Letters of a mail to a person: a page.</summary>
    public const int MailLettersMax = 8_000;

    /// <summary>How long mails stay readable that no mail server took: a week of trying things out.</summary>
    public static readonly TimeSpan KeptMailsReadableFor = TimeSpan.FromDays(7);

    /// <summary>Mails shown in the outbox.</summary>
    public const int OutboxShown = 100;

    /// <summary>Mails shown beside the settings.</summary>
    public const int MailsShown = 20;
}
