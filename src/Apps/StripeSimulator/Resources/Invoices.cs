using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Invoices: drawn up, made final, paid or not. Their payment hangs on them as an <c>invoice_payment</c>.</summary>
internal sealed class Invoices(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "discountable": true,
          "discounts": [],
          "parent": null,
          "proration": false,
          "tax_rates": []
        }
        """;

    private const string Kind = "invoice";
    private const long Day = 24 * 3600;

    // When a payment that failed is tried again; after the last, the subscription ends.
    private static readonly long[] RetryDays = [3, 5, 7];

    public InvoiceLines Lines { get; } = new(world);

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        form.Required("customer");
        var customer = world.Named(form, "customer", "customer")!;
        var pending = world.Store.All("invoiceitem")
            .Where(item => item.Text("customer") == customer.Id() && item.Text(Kind) is null).ToList();
        if (form.Text("pending_invoice_items_behavior") == "exclude")
        {
            pending.Clear();
        }

        var currency = form.Text("currency") ?? pending.FirstOrDefault()?.Text("currency") ?? "usd";
        var invoice = New(customer, currency, "manual", null, [.. pending.Select(LineOf)]);
        invoice["metadata"] = form.Metadata();
        invoice["description"] = form.Text("description");
        invoice["collection_method"] = form.OneOf("collection_method", "charge_automatically", "send_invoice")
            ?? "charge_automatically";
        invoice["auto_advance"] = form.Flag("auto_advance") ?? false;
        if (form.Whole("days_until_due") is { } days)
        {
            invoice["due_date"] = world.Now(invoice) + (days * Day);
        }

        Claim(pending, invoice);
        return world.Add(invoice, "invoice.created");
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call,
        world.Store.Newest(Kind).Where(invoice => invoice.Fits(call.Form, "customer") && invoice.Fits(call.Form, "status")
            && invoice.Fits(call.Form, "collection_method")
            && (call.Form.Text("subscription") is not { } subscription || SubscriptionOf(invoice) == subscription)),
        Kind);

    public JsonObject Update(Call call) => world.Change(world.Get(Kind, call.Id), "invoice.updated", invoice =>
    {
        invoice["metadata"] = call.Form.Metadata(invoice.Child("metadata"));
        invoice["description"] = call.Form.Has("description") ? call.Form.Text("description") : invoice.Text("description");
        invoice["auto_advance"] = call.Form.Flag("auto_advance") ?? invoice.Flag("auto_advance");
    });

    public JsonObject Delete(Call call)
    {
        var invoice = Expect(call.Id, "deleted", "draft");
        world.Events.Emit("invoice.deleted", invoice);
        world.Store.Remove(invoice.Id());
        return new JsonObject { ["id"] = invoice.Id(), ["object"] = Kind, ["deleted"] = true };
    }

    public JsonObject Finalize(Call call) => MakeFinal(Expect(call.Id, "finalized", "draft"));

    public JsonObject Pay(Call call)
    {
        var invoice = Expect(call.Id, "paid", "draft", "open", "uncollectible");
        if (invoice.Text("status") == "draft")
        {
            MakeFinal(invoice);
        }

        if (call.Form.Flag("paid_out_of_band") == true)
        {
            Settle(invoice, null);
            return invoice;
        }

        if (invoice.Text("status") == "paid")
        {
            return invoice;
        }

        var method = world.PaymentMethods.Named(call.Form, "payment_method") ?? MethodOf(invoice);
        var presence = call.Form.Flag("off_session") == false ? Presence.Here : Presence.Away;
        var verdict = Collect(invoice, method, presence);
        return verdict switch
        {
            Verdict.Approved => invoice,
            _ when method is null =>
                throw ApiException.State("missing", "There is no default payment method set on this Customer or Invoice."),
            Verdict.Declined => throw PaymentMethods.Declined(PaymentMethods.CardOf(method), null),
            _ => throw new ApiException(
                402, "card_error", "This payment requires additional user action before it can be completed successfully.")
            {
                Code = "invoice_payment_intent_requires_action",
            },
        };
    }

    public JsonObject Void(Call call) => MakeVoid(Expect(call.Id, "voided", "open", "uncollectible"));

    public JsonObject GiveUp(Call call) => MarkUncollectible(Expect(call.Id, "marked uncollectible", "open"));

    public JsonObject Send(Call call)
    {
        var invoice = world.Get(Kind, call.Id);
        world.Events.Emit("invoice.sent", invoice);
        return invoice;
    }

    public JsonObject LinesOf(Call call) =>
        Json.List(call.Request.Path, world.Get(Kind, call.Request.Path.Split('/')[3]).Data("lines").Select(Json.Shown));

    public JsonObject CreateItem(Call call)
    {
        var form = call.Form;
        form.Required("customer");
        var customer = world.Named(form, "customer", "customer")!;
        var price = form.Child("pricing") is { } pricing ? world.Named(pricing, "price", "price") : null;
        var quantity = form.Whole("quantity") ?? 1;
        var amount = form.Whole("amount")
            ?? (price is null ? throw ApiException.Required("amount") : Catalogue.AmountOf(price, quantity));
        var item = world.New("ii_", "invoiceitem", customer);
        item.Fill(Blank);
        item["amount"] = amount;
        item["currency"] = price?.Text("currency") ?? form.Text("currency") ?? "usd";
        item["customer"] = customer.Id();
        item["date"] = world.Now(customer);
        item["description"] = form.Text("description");
        item[Kind] = null;
        item["metadata"] = form.Metadata();
        item["period"] = new JsonObject { ["end"] = world.Now(customer), ["start"] = world.Now(customer) };
        item["quantity"] = quantity;
        item["test_clock"] = customer.Text("test_clock");
        item["_price"] = price?.Id();

        if (world.Named(form, Kind, Kind) is { } draft)
        {
            draft.Child("lines")!["data"]!.AsArray().Add(LineOf(item));
            Total(draft, customer);
            Claim([item], draft);
        }

        return world.Add(item, "invoiceitem.created");
    }

    public JsonObject Items(Call call) => Lists.Page(
        call, world.Store.Newest("invoiceitem")
            .Where(item => item.Fits(call.Form, "customer") && item.Fits(call.Form, Kind)), "invoiceitem");

    public JsonObject Payment(Call call) => world.Get("invoice_payment", call.Id);

    public JsonObject Payments(Call call)
    {
        var payment = call.Form.Child("payment")?.Text("payment_intent");
        return Lists.Page(
            call,
            world.Store.Newest("invoice_payment").Where(one => one.Fits(call.Form, Kind) && one.Fits(call.Form, "status")
                && (payment is null || one.Child("payment")!.Text("payment_intent") == payment)),
            "invoice_payment");
    }

    /// <summary>An invoice of which nobody knows yet.</summary>
    public JsonObject New(
        JsonObject customer, string currency, string reason, JsonObject? subscription, IReadOnlyList<JsonObject> lines)
    {
        var invoice = world.New("in_", Kind, customer);
        var now = world.Now(customer);
        foreach (var (member, value) in InvoiceMembers.Of(customer, currency, reason, subscription, now))
        {
            invoice[member] = value?.DeepClone();
        }

        foreach (var line in lines)
        {
            line[Kind] = invoice.Id();
        }

        invoice["lines"] = Json.List($"/v1/invoices/{invoice.Id()}/lines", lines);
        invoice["lines"]!["total_count"] = lines.Count;
        if (lines.Count > 0)
        {
            invoice["period_start"] = lines.Min(line => line.Child("period")!.Long("start"));
            invoice["period_end"] = lines.Max(line => line.Child("period")!.Long("end"));
        }

        Total(invoice, customer);
        return invoice;
    }

    /// <summary>Makes a draft final: it has a number and a payment, and nothing on it changes any more.</summary>
    /// <param name="invoice">The draft.</param>
    /// <param name="paidBy">A payment that was made already; null makes one.</param>
    public JsonObject MakeFinal(JsonObject invoice, JsonObject? paidBy = null)
    {
        var customer = world.Get("customer", invoice.Text("customer")!);
        var now = world.Now(invoice);
        Total(invoice, customer);
        if (customer.Long("balance") != invoice.Long("_ending_balance"))
        {
            world.Change(customer, "customer.updated", value => value["balance"] = invoice.Long("_ending_balance"));
        }

        invoice["number"] = world.Customers.NextInvoiceNumber(customer);
        invoice["status"] = "open";
        invoice["auto_advance"] = true;
        invoice["effective_at"] = now;
        invoice["ending_balance"] = invoice.Long("_ending_balance");
        invoice.Child("status_transitions")!["finalized_at"] = now;
        invoice["hosted_invoice_url"] = $"{world.Address}/invoices/{invoice.Id()}";
        invoice["invoice_pdf"] = $"{world.Address}/invoices/{invoice.Id()}/pdf";
        invoice["confirmation_secret"] = null;
        world.Store.Put(invoice);
        if (invoice.Long("amount_due") > 0)
        {
            HangPayment(invoice, customer, paidBy);
        }

        world.Add(invoice, "invoice.finalized");
        if (invoice.Long("amount_due") == 0)
        {
            Settle(invoice, null);
        }

        return invoice;
    }

    /// <summary>Tries to have a final invoice paid.</summary>
    public Verdict Collect(JsonObject invoice, JsonObject? method, Presence presence)
    {
        if (invoice.Text("status") == "paid")
        {
            return Verdict.Approved;
        }

        invoice["attempted"] = true;
        invoice["attempt_count"] = invoice.Long("attempt_count") + 1;
        world.Store.Put(invoice);
        var intent = IntentOf(invoice)!;
        var verdict = method is null ? Verdict.Declined : world.PaymentIntents.Attempt(intent, method, presence);
        if (verdict == Verdict.Approved)
        {
            return verdict;
        }

        if (verdict is Verdict.NeedsPayer or Verdict.PayerAway)
        {
            world.Events.Emit("invoice.payment_action_required", invoice);
        }

        if (verdict != Verdict.NeedsPayer)
        {
            Failed(invoice);
        }

        return verdict;
    }

    /// <summary>Its payment was made.</summary>
    public void Paid(JsonObject invoice, JsonObject intent)
    {
        if (invoice.Text("status") is "open" or "uncollectible")
        {
            Settle(invoice, intent);
        }
    }

    /// <summary>Nobody has to pay it any more.</summary>
    public JsonObject MakeVoid(JsonObject invoice)
    {
        if (IntentOf(invoice) is { } intent && intent.Text("status") is not ("succeeded" or "canceled"))
        {
            world.PaymentIntents.Cancel(intent, "void_invoice");
        }

        invoice.Remove("_due");
        return world.Change(invoice, "invoice.voided", value =>
        {
            value["status"] = "void";
            value["next_payment_attempt"] = null;
            value.Child("status_transitions")!["voided_at"] = world.Now(value);
        });
    }

    /// <summary>Nobody expects it to be paid any more.</summary>
    public JsonObject MarkUncollectible(JsonObject invoice)
    {
        invoice.Remove("_due");
        return world.Change(invoice, "invoice.marked_uncollectible", value =>
        {
            value["status"] = "uncollectible";
            value["next_payment_attempt"] = null;
            value.Child("status_transitions")!["marked_uncollectible_at"] = world.Now(value);
        });
    }

    /// <summary>A payment that failed is tried again.</summary>
    public void RunDue(JsonObject invoice)
    {
        invoice.Remove("_due");
        world.Store.Put(invoice);
        if (invoice.Text("status") == "open")
        {
            Collect(invoice, MethodOf(invoice), Presence.Away);
        }
    }

    /// <summary>The subscription of an invoice; null of one without.</summary>
    public static string? SubscriptionOf(JsonObject invoice) =>
        invoice.Child("parent")?.Child("subscription_details")?.Text("subscription");

    /// <summary>The payment that hangs on an invoice.</summary>
    public JsonObject? IntentOf(JsonObject invoice) => world.Store.Find("payment_intent", invoice.Text("_intent"));

    /// <summary>What an invoice is paid with.</summary>
    public JsonObject? MethodOf(JsonObject invoice)
    {
        var subscription = world.Store.Find("subscription", SubscriptionOf(invoice));
        var customer = world.Store.Find("customer", invoice.Text("customer"));
        return world.Store.Find(
            "payment_method",
            subscription?.Text("default_payment_method") ?? customer?.Child("invoice_settings")?.Text("default_payment_method"));
    }

    /// <summary>Counts an invoice up, with the customer's credit.</summary>
    public static void Total(JsonObject invoice, JsonObject customer)
    {
        var total = invoice.Data("lines").Sum(line => line.Long("amount"));
        var before = customer.Long("balance");
        var due = Math.Max(0, total + before);
        invoice["subtotal"] = total;
        invoice["subtotal_excluding_tax"] = total;
        invoice["total"] = total;
        invoice["total_excluding_tax"] = total;
        invoice["starting_balance"] = before;
        invoice["amount_due"] = due;
        invoice["amount_remaining"] = due;
        invoice["_ending_balance"] = Math.Min(0, total + before);
    }

    private void Settle(JsonObject invoice, JsonObject? intent)
    {
        var now = world.Now(invoice);
        invoice.Remove("_due");
        var paid = invoice.Long("amount_due");
        world.Change(invoice, null, value =>
        {
            value["status"] = "paid";
            value["amount_paid"] = paid;
            value["amount_remaining"] = 0;
            value["attempted"] = true;
            value["next_payment_attempt"] = null;
            value.Child("status_transitions")!["paid_at"] = now;
        });
        if (intent is not null && world.Store.Find("invoice_payment", invoice.Text("_payment")) is { } payment)
        {
            payment["status"] = "paid";
            payment["amount_paid"] = paid;
            payment.Child("status_transitions")!["paid_at"] = now;
            world.Add(payment, "invoice_payment.paid");
        }

        world.Events.Emit("invoice.paid", invoice);
        world.Events.Emit("invoice.payment_succeeded", invoice);
        if (world.Store.Find("subscription", SubscriptionOf(invoice)) is { } subscription)
        {
            world.Subscriptions.InvoicePaid(subscription, invoice);
        }
    }

    private void Failed(JsonObject invoice)
    {
        var attempts = invoice.Long("attempt_count");
        var isCycle = invoice.Text("billing_reason") is "subscription_cycle" or "subscription_update";
        var next = isCycle && attempts <= RetryDays.Length ? world.Now(invoice) + (RetryDays[attempts - 1] * Day) : (long?)null;
        invoice["next_payment_attempt"] = next;
        if (next is not null)
        {
            invoice["_due"] = next;
        }

        world.Add(invoice, "invoice.payment_failed");
        if (world.Store.Find("subscription", SubscriptionOf(invoice)) is { } subscription)
        {
            world.Subscriptions.InvoiceFailed(subscription, isLast: isCycle && next is null);
        }
    }

    private void HangPayment(JsonObject invoice, JsonObject customer, JsonObject? paidBy)
    {
        var intent = paidBy ?? world.PaymentIntents.New(
            invoice.Long("amount_due"), invoice.Text("currency")!, customer, invoice.Child("metadata")?.Copy());
        intent["_invoice"] = invoice.Id();
        intent["description"] ??= SubscriptionOf(invoice) is null ? "Payment for Invoice" : "Subscription update";
        if (paidBy is null)
        {
            intent["setup_future_usage"] = SubscriptionOf(invoice) is null ? null : "off_session";
            world.Add(intent, "payment_intent.created");
        }

        world.Store.Put(intent);
        var payment = world.New("inpay_", "invoice_payment", invoice);
        payment["amount_paid"] = null;
        payment["amount_requested"] = invoice.Long("amount_due");
        payment["currency"] = invoice.Text("currency");
        payment[Kind] = invoice.Id();
        payment["is_default"] = true;
        payment["payment"] = new JsonObject { ["payment_intent"] = intent.Id(), ["type"] = "payment_intent" };
        payment["status"] = "open";
        payment["status_transitions"] = new JsonObject { ["canceled_at"] = null, ["paid_at"] = null };
        world.Store.Put(payment);
        invoice["_intent"] = intent.Id();
        invoice["_payment"] = payment.Id();
    }

    private JsonObject LineOf(JsonObject item) => Lines.Alone(
        item.Long("amount"), world.Store.Find("price", item.Text("_price")), item.Long("quantity"),
        item.Text("description"), item.Text("currency")!);

    private void Claim(IEnumerable<JsonObject> items, JsonObject invoice)
    {
        foreach (var item in items)
        {
            item[Kind] = invoice.Id();
            world.Store.Put(item);
        }
    }

    private JsonObject Expect(string id, string act, params ReadOnlySpan<string> statuses)
    {
        var invoice = world.Get(Kind, id);
        return statuses.Contains(invoice.Text("status")!)
            ? invoice
            : throw ApiException.State(
                invoice.Text("status") == "paid" ? "invoice_already_paid" : "invoice_not_editable",
                $"Invoice {id} can't be {act} because it is {invoice.Text("status")}.");
    }
}
