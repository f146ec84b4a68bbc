using System.Globalization;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Notifications;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.Server.Commands;

namespace Quoin.Server.Hosting;

/// <summary>What a replica is told when it starts, from the command line and the environment.</summary>
public sealed record HostSettings
{
    /// <summary>The owner's connection string (<c>QUOIN_DATABASE</c>); null for the embedded PostgreSQL.</summary>
    public string? Database { get; init; }

    /// <summary>The folder of the embedded PostgreSQL and its secrets (<c>--data</c>, <c>QUOIN_DATA</c>).</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://localhost:8080"];

    /// <summary>Whether simulators may start (<c>--demo</c>); they serve test-mode organisations only.</summary>
    public bool Demo { get; init; }

    /// <summary>What this replica runs.</summary>
    public HostRoles Roles { get; init; } = HostRoles.All;

    /// <summary>The key that wraps all others (<c>QUOIN_MASTER_KEY</c>); null to keep one in the data folder.</summary>
    public string? MasterKey { get; init; }

    /// <summary>
    /// The master key being replaced (<c>QUOIN_MASTER_KEY_PREVIOUS</c>): still unwraps, until <c>quoin admin rotate-master-key</c> has
    /// wrapped everything with the new one.
    /// </summary>
    public string? PreviousMasterKey { get; init; }

    /// <summary>The plan of organisations that have none assigned (<c>QUOIN_DEFAULT_PLAN</c>), by its key.</summary>
    public string? DefaultPlan { get; init; }

    /// <summary>
    /// How organisations are told: the mail server (<c>QUOIN_SMTP</c>), and whether webhooks may go to private networks
    /// (<c>QUOIN_WEBHOOKS_TO_PRIVATE_NETWORKS=allow</c>).
    /// </summary>
    public NotificationOptions Notifications { get; init; } = new();

    /// <summary>
    /// How people reach this Quoin (<c>QUOIN_PUBLIC_URL</c>, for links in mails), and who may sign up (<c>QUOIN_SIGNUP</c>:
    /// <c>open</c>, <c>invited</c> or <c>closed</c>; open by default with <c>--demo</c>, else by invitation).
    /// </summary>
    public AccountsOptions Accounts { get; init; } = new();

    /// <summary>
    /// Which wallets (<c>QUOIN_WALLET_CHAINS</c>) and other services (<c>QUOIN_OIDC_NAME_ISSUER</c> and its neighbours,
    /// <c>QUOIN_GITHUB_CLIENT_ID</c>, <c>QUOIN_GOOGLE_CLIENT_ID</c>) sign people in.
    /// </summary>
    public ProofOptions Proofs { get; init; } = new();

    /// <summary>
    /// The networks of proxies whose word on a visitor's address and scheme is believed (<c>QUOIN_TRUSTED_PROXIES</c>, such
    /// as <c>10.0.0.0/8,192.168.1.7</c>); none by default, so that nobody makes an address up.
    /// </summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// How many days before a grant expires its organisation hears of it (<c>QUOIN_GRANT_NOTICE_DAYS</c>, 1 to 365).
    /// </summary>
    public int? GrantNoticeDays { get; init; }

    /// <summary>
    /// Requests a minute of one organisation, or of one machine of the operator, over all replicas
    /// (<c>QUOIN_REQUESTS_PER_MINUTE</c>, 1 to 60,000,000).
    /// </summary>
    public RequestRateOptions RequestRate { get; init; } = RequestRateOptions.Default;

    /// <summary>
    /// Who takes the money: <c>QUOIN_STRIPE_SECRET_KEY</c> and <c>QUOIN_STRIPE_WEBHOOK_SECRETS</c> for live organisations, the
    /// same with <c>QUOIN_STRIPE_TEST_</c> for test ones; neither by default.
    /// </summary>
    public StripeAccounts Stripe { get; init; } = StripeAccounts.None;

    /// <summary>
    /// The periods and bounds of payments: <see cref="PaymentsSettings.Read" /> names the variables; <c>QUOIN_REFUND_DAYS</c> (1 to
    /// 365, or <c>never</c>; 14 where it says nothing) is for how long customers may ask unspent credit back.
    /// </summary>
    public PaymentsOptions Payments { get; init; } = new();

    /// <summary>
    /// How long a call of a model whose host died is waited for (<c>QUOIN_INFERENCE_LEASE_SECONDS</c>, 3 to 3,600; 60 where
    /// it says nothing).
    /// </summary>
    public InferenceOptions Inference { get; init; } = new();

    /// <summary>The settings the environment gives, with the defaults for what it leaves open.</summary>
    /// <param name="dataFolder">The data folder the command line names; null when it names none.</param>
    /// <param name="isDemo">Whether simulators may start.</param>
    /// <exception cref="CommandException">A variable says something that cannot be.</exception>
    public static HostSettings FromEnvironment(string? dataFolder, bool isDemo = false)
    {
        var folder = Path.GetFullPath(dataFolder ?? Variable("QUOIN_DATA") ?? DefaultDataFolder);
        return new HostSettings
        {
            Database = Variable("QUOIN_DATABASE"),
            DataFolder = folder,
            MasterKey = Variable("QUOIN_MASTER_KEY"),
            PreviousMasterKey = Variable("QUOIN_MASTER_KEY_PREVIOUS"),
            DefaultPlan = Variable("QUOIN_DEFAULT_PLAN"),
            Notifications = NotificationsOf(folder),
            Accounts = AccountsOf(isDemo),
            TrustedProxies = NetworksOf(Variable("QUOIN_TRUSTED_PROXIES") ?? ""),
            GrantNoticeDays = Number("QUOIN_GRANT_NOTICE_DAYS", 365),
            RequestRate = Number("QUOIN_REQUESTS_PER_MINUTE", 60_000_000) is { } rate
                ? new RequestRateOptions(rate)
                : RequestRateOptions.Default,
            Proofs = ProofSettings.Read(),
            Payments = (PaymentsSettings.Read(Variable, out var wrong)
                ?? throw new CommandException($"Payments are configured wrongly: {wrong}.")) with
            {
                RefundAskableFor = RefundsFor(),
            },
            Inference = Number("QUOIN_INFERENCE_LEASE_SECONDS", 3_600, least: 3) is { } seconds
                ? new InferenceOptions { HeldFor = TimeSpan.FromSeconds(seconds) }
                : new InferenceOptions(),
            Stripe = StripeAccounts.Read(Variable, out wrong)
                ?? throw new CommandException($"The payment provider is configured wrongly: {wrong}."),
        };
    }

    private static AccountsOptions AccountsOf(bool isDemo) => new()
    {
        PublicUrl = Variable("QUOIN_PUBLIC_URL") is { } url ? PublicUrlOf(url) : null,
        SignUp = Variable("QUOIN_SIGNUP") switch
        {
            null => isDemo ? SignUpPolicy.Open : SignUpPolicy.Invited,
            "open" => SignUpPolicy.Open,
            "invited" => SignUpPolicy.Invited,
            "closed" => SignUpPolicy.Closed,
            var other => throw new CommandException($"QUOIN_SIGNUP is '{other}'; it takes open, invited or closed."),
        },
    };

    private static List<System.Net.IPNetwork> NetworksOf(string text) =>
    [
        .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part =>
            System.Net.IPNetwork.TryParse(part, out var network) ? network
            : System.Net.IPAddress.TryParse(part, out var address)
                ? new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8)
                : throw new CommandException(
                    $"QUOIN_TRUSTED_PROXIES names '{part}'; it takes addresses and networks such as 10.0.0.0/8.")),
    ];

    private static Uri PublicUrlOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0
            ? url
            : throw new CommandException($"QUOIN_PUBLIC_URL is '{text}'; it takes an address such as https://quoin.example.com.");

    private static NotificationOptions NotificationsOf(string folder) => new()
    {
        Smtp = Variable("QUOIN_SMTP") is { } smtp ? SmtpOf(smtp) : null,
        MailFolder = Path.Combine(folder, "mails"),
        AllowsPrivateNetworks = Variable("QUOIN_WEBHOOKS_TO_PRIVATE_NETWORKS") switch
        {
            null or "refuse" => false,
            "allow" => true,
            _ => throw new CommandException("QUOIN_WEBHOOKS_TO_PRIVATE_NETWORKS is neither allow nor refuse."),
        },
    };

    // PostgreSQL runs as another user when the host is root, and that user cannot enter /root.
    private static string DefaultDataFolder => ClusterUser.IsRoot
        ? "/var/lib/quoin/default"
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "quoin", "default");

    private static SmtpServer SmtpOf(string text) =>
        SmtpServer.Read(text, out var wrong) ?? throw new CommandException($"QUOIN_SMTP {wrong}.");

    private static TimeSpan RefundsFor() => Variable("QUOIN_REFUND_DAYS") == "never"
        ? TimeSpan.Zero
        : Number("QUOIN_REFUND_DAYS", 365) is { } days ? TimeSpan.FromDays(days) : new PaymentsOptions().RefundAskableFor;

    private static int? Number(string name, int most, int least = 1) => Variable(name) switch
    {
        null => null,
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most => number,
        var text => throw new CommandException(
            string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}'; it takes {least} to {most}.")),
    };

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
