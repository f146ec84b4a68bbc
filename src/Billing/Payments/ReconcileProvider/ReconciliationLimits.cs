namespace Quoin.Payments;

/// <summary>Bounds of comparing with the provider. A run goes through all of its list, page by page.</summary>
public static class ReconciliationLimits
{
    /// <summary>Checkouts read at once; between pages the run says how far it came.</summary>
    public const int CheckoutsAtOnce = 200;

    /// <summary>Customers read at once; each is one call or a few.</summary>
    public const int CustomersAtOnce = 300;

    /// <summary>Recent invoices of one customer that are compared: sixteen a day for a month.</summary>
    public const int InvoicesOfCustomerMax = 500;

    /// <summary>How long before the last run to which everything was answered invoices are compared again.</summary>
    public static readonly TimeSpan InvoicesBefore = TimeSpan.FromDays(30);

    /// <summary>
    /// How far back they are compared where no run was answered everything: a year of periods and the weeks in which they
    /// are paid. A page or two of most customers.
    /// </summary>
    public static readonly TimeSpan InvoicesSinceMax = TimeSpan.FromDays(400);

    /// <summary>Failed events one run has gone through again at once.</summary>
    public const int FailedEventsAtOnce = 200;

    /// <summary>Days a finished run and its findings are kept: a quarter, and some.</summary>
    public static readonly TimeSpan RunsKeptFor = TimeSpan.FromDays(100);
}
