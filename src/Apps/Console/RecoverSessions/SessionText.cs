using Quoin.Payments;

namespace Quoin.ConsolePages.RecoverSessions;

/// <summary>What people read about payment sessions.</summary>
public static class SessionText
{
    /// <summary>Why a session does not end by itself.</summary>
    public static string Of(SessionTrouble trouble) => trouble switch
    {
        SessionTrouble.WorkerStopped => "Nobody goes on with it",
        SessionTrouble.SubscriptionMissing => "Paid, subscription not here",
        SessionTrouble.OutcomeUnknown => "Outcome unknown",
        SessionTrouble.NotClosed => "Page not closed",
        _ => "Fine",
    };

    /// <summary>The same, and what to do.</summary>
    public static string Advice(SessionTrouble trouble) => trouble switch
    {
        SessionTrouble.WorkerStopped =>
            "Whoever worked on this request stopped before the provider's answer was known. The host goes on by itself; "
                + "you may have it go on now.",
        SessionTrouble.SubscriptionMissing =>
            "The customer went through the page and their subscription has not arrived. Ask the provider; release the "
                + "session only when you know that nothing was sold.",
        SessionTrouble.OutcomeUnknown =>
            "Nobody knows whether the provider made a page, so the account may open no other one. Ask the provider; "
                + "release it when you know that there is none.",
        SessionTrouble.NotClosed =>
            "The page should have closed by now. Ask the provider how it stands.",
        _ => "It ends by itself.",
    };

    /// <summary>How a session stands, in one or two words.</summary>
    public static string State(PaymentSession session) => session switch
    {
        { CheckoutStatus: { } status } => DeskText.Status(status),
        { RequestStatus: { } status } => DeskText.Status(status),
        _ => "Unknown",
    };

    /// <summary>What was asked for.</summary>
    public static string What(PaymentSession session) => session.Flow switch
    {
        CheckoutFlow.Subscription => "Subscription",
        CheckoutFlow.OneOff when session.Action == "top_up" => "Credit",
        CheckoutFlow.OneOff => "Payment",
        CheckoutFlow.Setup => "Payment method",
        _ => DeskText.Sentence(session.Action),
    };

    /// <summary>What was just done; null nothing.</summary>
    public static string? Said(string? act) => act switch
    {
        "recover" => "It was gone on with; below is how it stands now.",
        "requery" => "The provider was asked; below is how it stands now.",
        "expire" => "The provider was asked to close the page. It ends here with the provider's news of it.",
        "release" => "It is released. The account may open another one.",
        _ => null,
    };

    /// <summary>Why nothing was done; null when something was.</summary>
    public static string? Complaint(SessionOutcome outcome) => outcome switch
    {
        SessionOutcome.Done => null,
        SessionOutcome.NotConfigured => "Its provider is not configured. Nothing changed.",
        SessionOutcome.AtWork => "Somebody works on it now. Look again in a minute.",
        SessionOutcome.NotThere(var session) => $"It is {State(session).ToLowerInvariant()} meanwhile. Nothing changed.",
        _ => "It is not there.",
    };
}
