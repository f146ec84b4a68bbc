using Quoin.Platform;

namespace Quoin.Server;

/// <summary>
/// Every module that keeps rows, in the order they may know each other: the order their schemas are migrated in. The
/// host, <c>quoin migrate</c> and the tests' template database all read this list.
/// </summary>
public static class QuoinSchemas
{
    /// <summary>The modules' schemas, lowest first.</summary>
    public static IReadOnlyList<ModuleSchema> All { get; } =
    [
        new("platform", typeof(ModuleSchema).Assembly),
        new("accounts", typeof(Quoin.Accounts.AccountsModule).Assembly),
        new("notifications", typeof(Quoin.Notifications.NotificationsModule).Assembly),
        new("ledger", typeof(Quoin.Ledger.LedgerModule).Assembly),
        new("metering", typeof(Quoin.Metering.MeteringModule).Assembly),
        new("pricing", typeof(Quoin.Pricing.PricingModule).Assembly),
        new("limits", typeof(Quoin.Limiting.LimitsModule).Assembly),
        new("charging", typeof(Quoin.Charging.ChargingModule).Assembly),
        new("payments", typeof(Quoin.Payments.PaymentsModule).Assembly),
        new("inference", typeof(Quoin.Inference.InferenceModule).Assembly),
    ];
}
