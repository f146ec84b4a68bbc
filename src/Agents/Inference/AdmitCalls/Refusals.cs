using System.Globalization;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What is said to those whose calls may not be made: which bound it is, what is left of it, and until when.</summary>
internal static class Refusals
{
    /// <summary>A budget has too little left.</summary>
    public static AdmissionOutcome BudgetExceeded(SpendOutcome.BudgetExceeded exceeded)
    {
        var (budget, left) = (exceeded.Budget, exceeded.Left);
        var resets = budget.ResetsAt is { } at ? $" It begins anew at {Rfc3339.Format(at)}." : " It never begins anew.";
        return new AdmissionOutcome.Refused(
            InferenceProblems.BudgetExceeded,
            $"Budget {budget.Budget.Id} of {budget.Budget.Scope.Kind} {budget.Budget.Scope.Id} has "
            + $"{Text(left)} left of {Text(budget.Budget.Amount)} for each {budget.Budget.Window}, less than this call can cost."
            + resets);
    }

    /// <summary>There is too little money.</summary>
    public static AdmissionOutcome InsufficientCredit(Money available) => new AdmissionOutcome.Refused(
        InferenceProblems.InsufficientCredit,
        $"{Text(available)} is available, less than this call can cost.");

    /// <summary>Nothing may be spent at all.</summary>
    public static AdmissionOutcome Suspended(SuspendedReason reason) => new AdmissionOutcome.Refused(
        InferenceProblems.SpendingSuspended,
        reason switch
        {
            SuspendedReason.Canceled => "The subscription is canceled.",
            SuspendedReason.PastDue => "The subscription waits to be paid.",
            SuspendedReason.OrganisationClosed => "The organisation is closed.",
            _ => "The billing account is closed.",
        });

    /// <summary>Nothing prices a model that may answer.</summary>
    public static AdmissionOutcome NotPriced(string model, ProviderModel candidate) => new AdmissionOutcome.Refused(
        InferenceProblems.ModelNotPriced,
        $"Model {model} may be answered by {candidate.Provider}/{candidate.Model}, which has no price.");

    /// <summary>Nobody could say.</summary>
    public static AdmissionOutcome.Refused Unavailable() => new AdmissionOutcome.Refused(
        InferenceProblems.SpendingUnavailable,
        "Whether this call may be paid for could not be found out.",
        RetryAfterSeconds: 1);

    private static string Text(Money money) => string.Create(
        CultureInfo.InvariantCulture, $"{money.Micros / 1_000_000m:0.######} {money.Currency}");
}
