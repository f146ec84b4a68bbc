using System.Text.Json;
using Quoin.Payments;

namespace Quoin.ConsolePages;

/// <summary>What operators read about payments.</summary>
public static class DeskText
{
    private static readonly Dictionary<string, string> Statuses = new(StringComparer.Ordinal)
    {
        ["completed_pending_subscription"] = "Paid, subscription not here",
        ["recovery_verification_pending"] = "Held, outcome unknown",
        ["completed_reconciled"] = "Completed",
        ["action_needed"] = "Waits for the customer",
        ["dead_letter"] = "Given up",
        ["dead"] = "Given up",
        ["in_progress"] = "At work",
        ["needs_response"] = "Needs an answer",
        ["evidence_due"] = "Answer due",
        ["evidence_submitted"] = "Answered",
        ["partially_refunded"] = "Partly given back",
        ["incomplete_expired"] = "Never began",
    };

    /// <summary>How something stands, from its stable word.</summary>
    public static string Status(string word) => Statuses.GetValueOrDefault(word) ?? Sentence(word);

    /// <summary>How something stands.</summary>
    public static string Status<T>(T status)
        where T : struct, Enum => Status(WordOf(status));

    /// <summary>A value's stable word, as addresses and the API have it: <c>past_due</c>.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>The value of a stable word; null where it is none.</summary>
    public static T? Read<T>(string? word)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(one => WordOf(one) == word).Select(one => (T?)one).FirstOrDefault();

    /// <summary>Whether somebody should look.</summary>
    public static bool IsBad(string status) => status
        is "failed" or "dead" or "dead_letter" or "recovery_verification_pending" or "completed_pending_subscription"
        or "past_due" or "unpaid" or "lost" or "open_finding";

    /// <summary>Where a piece of what happened is kept.</summary>
    public static string Of(BillingSource source) => source switch
    {
        BillingSource.WebhookEvent => "Provider's news",
        BillingSource.PaymentMethodSync => "Payment methods",
        BillingSource.Job => "Background work",
        BillingSource.ReconciliationRun => "Comparison",
        BillingSource.ReconciliationFinding => "Drift",
        BillingSource.AutoTopUpCharge => "Auto top-up",
        BillingSource.PaymentLink => "Payment link",
        BillingSource.Posting => "Books",
        _ => Sentence(WordOf(source)),
    };

    /// <summary>What an event is: the provider's own word for its news, ours for all else.</summary>
    public static string Type(BillingEvent one) => one.Source switch
    {
        BillingSource.WebhookEvent or BillingSource.News or BillingSource.Job => one.Type,
        BillingSource.Posting => Words.Fact(one.Type),
        BillingSource.Request => $"Request: {Sentence(one.Type).ToLowerInvariant()}",
        BillingSource.Subscription or BillingSource.Purchase or BillingSource.AutoTopUpCharge => Of(one.Source),
        _ => $"{Of(one.Source)}: {Sentence(one.Type).ToLowerInvariant()}",
    };

    /// <summary>Where something is kept in full; null where the trail says all of it.</summary>
    public static string? PlaceOf(BillingSource source, string id) => source switch
    {
        BillingSource.Posting => $"{Places.Transfers}/{id}",
        BillingSource.Request or BillingSource.Checkout => Places.OfSession(id),
        BillingSource.Refund => $"{Places.DeskRefunds}/{id}",
        BillingSource.Dispute => $"{Places.DeskDisputes}/{id}",
        BillingSource.ReconciliationRun => $"{Places.PaymentRuns}/{id}",
        BillingSource.Finding => Places.PaymentRuns,
        _ => null,
    };

    /// <summary>What there is to say about something that happened: a stable word as people write it, all else as it is.</summary>
    public static string Describe(BillingSource source, string text) =>
        source == BillingSource.Posting ? Words.Fact(text)
        : text.All(letter => letter is '_' or (>= 'a' and <= 'z')) ? Sentence(text)
        : text;

    /// <summary>A stable word as people write it: <c>payment_link</c> is <c>Payment link</c>.</summary>
    public static string Sentence(string word) =>
        word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..].Replace('_', ' ');
}
