using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Payments, from intended to paid. What a payment was for (<c>_invoice</c>, <c>_session</c>) hears how it
/// ended.</summary>
internal sealed class PaymentIntents(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "allowed_payment_method_types": null,
          "amount_capturable": 0,
          "amount_details": { "tip": {} },
          "amount_received": 0,
          "application": null,
          "application_fee_amount": null,
          "automatic_payment_methods": null,
          "canceled_at": null,
          "cancellation_reason": null,
          "capture_method": "automatic_async",
          "confirmation_method": "automatic",
          "customer_account": null,
          "description": null,
          "excluded_payment_method_types": null,
          "last_payment_error": null,
          "latest_charge": null,
          "next_action": null,
          "on_behalf_of": null,
          "payment_method": null,
          "payment_method_configuration_details": null,
          "payment_method_options": {},
          "payment_method_types": ["card"],
          "payment_record": null,
          "processing": null,
          "receipt_email": null,
          "review": null,
          "setup_future_usage": null,
          "shipping": null,
          "source": null,
          "statement_descriptor": null,
          "statement_descriptor_suffix": null,
          "status": "requires_payment_method",
          "transfer_data": null,
          "transfer_group": null
        }
        """;

    private const string Kind = "payment_intent";
    private const long AmountMin = 50;

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var amount = form.Whole("amount") ?? throw ApiException.Required("amount");
        if (amount < AmountMin)
        {
            throw ApiException.Invalid("amount", "Amount must be at least $0.50 usd.", "amount_too_small");
        }

        var customer = world.Named(form, "customer", "customer");
        var intent = New(amount, form.Required("currency").ToLowerInvariant(), customer, form.Metadata());
        Apply(intent, form);
        world.Add(intent, "payment_intent.created");
        return form.Flag("confirm") == true ? Confirm(intent, form) : intent;
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) =>
        Lists.Page(call, world.Store.Newest(Kind).Where(intent => intent.Fits(call.Form, "customer")), Kind);

    public JsonObject Update(Call call)
    {
        var intent = world.Get(Kind, call.Id);
        Expect(intent, "updated", "requires_payment_method", "requires_confirmation", "requires_action");
        world.Change(intent, null, value =>
        {
            value["amount"] = call.Form.Whole("amount") ?? value.Long("amount");
            value["metadata"] = call.Form.Metadata(value.Child("metadata"));
            Apply(value, call.Form);
        });
        return intent;
    }

    public JsonObject Confirm(Call call)
    {
        var intent = world.Get(Kind, call.Id);
        Expect(intent, "confirmed", "requires_payment_method", "requires_confirmation", "requires_action");
        return Confirm(intent, call.Form);
    }

    public JsonObject Cancel(Call call)
    {
        var intent = world.Get(Kind, call.Id);
        Expect(intent, "canceled", "requires_payment_method", "requires_confirmation", "requires_action", "requires_capture");
        return Cancel(intent, call.Form.Text("cancellation_reason"));
    }

    /// <summary>Gives a payment up.</summary>
    public JsonObject Cancel(JsonObject intent, string? reason) => world.Change(intent, "payment_intent.canceled", value =>
    {
        value["status"] = "canceled";
        value["canceled_at"] = world.Now(value);
        value["cancellation_reason"] = reason;
        value["next_action"] = null;
    });

    /// <summary>A payment to be made, which nobody knows of yet.</summary>
    public JsonObject New(long amount, string currency, JsonObject? customer, JsonObject? metadata)
    {
        var intent = world.New("pi_", Kind, customer);
        intent.Fill(Blank);
        intent["amount"] = amount;
        intent["client_secret"] = $"{intent.Id()}_secret_{world.Ids.Of(25)}";
        intent["currency"] = currency;
        intent["customer"] = customer?.Id();
        intent["metadata"] = metadata ?? [];

        return intent;
    }

    /// <summary>Charges the method of a payment, and tells what came of it.</summary>
    public Verdict Attempt(JsonObject intent, JsonObject method, Presence presence)
    {
        intent["payment_method"] = method.Id();
        var verdict = Bank.Decide(PaymentMethods.CardOf(method), presence, method.Flag("_confirmed"));
        switch (verdict)
        {
            case Verdict.Approved:
                if (presence == Presence.Confirmed)
                {
                    method["_confirmed"] = true;
                }

                Succeed(intent, method);
                break;
            case Verdict.NeedsPayer:
                AskPayer(intent, method);
                break;
            default:
                Fail(intent, method, verdict);
                break;
        }

        return verdict;
    }

    /// <summary>The payer came back from their bank.</summary>
    public void FinishChallenge(JsonObject intent, bool isConfirmed)
    {
        var method = world.Get("payment_method", intent.Text("payment_method")!);
        if (intent.Text("status") != "requires_action")
        {
            return;
        }

        if (isConfirmed)
        {
            Attempt(intent, method, Presence.Confirmed);
        }
        else
        {
            Fail(intent, method, Verdict.NeedsPayer);
        }
    }

    private JsonObject Confirm(JsonObject intent, Form form)
    {
        Apply(intent, form);
        var method = world.Store.Find("payment_method", intent.Text("payment_method"))
            ?? throw ApiException.State(
                "payment_intent_unexpected_state",
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update "
                    + "the PaymentIntent with a payment method and then confirm it again, or confirm it again "
                    + "directly with a payment method.");
        var presence = form.Has("off_session") && form.Text("off_session") != "false" ? Presence.Away : Presence.Here;
        switch (Attempt(intent, method, presence))
        {
            case Verdict.Declined:
                throw PaymentMethods.Declined(PaymentMethods.CardOf(method), intent);
            case Verdict.PayerAway:
                throw NeedsPayer(intent);
            case Verdict.NeedsPayer when form.Flag("error_on_requires_action") == true:
                Fail(intent, method, Verdict.NeedsPayer);
                throw NeedsPayer(intent);
            default:
                return intent;
        }
    }

    private void Apply(JsonObject intent, Form form)
    {
        if (world.PaymentMethods.Named(form, "payment_method") is { } method)
        {
            var owner = method.Text("customer");
            if (owner is not null && owner != intent.Text("customer"))
            {
                throw ApiException.Invalid(
                    form.Path("payment_method"),
                    $"The provided PaymentMethod cannot be attached or used. It belongs to a Customer that is not the "
                        + $"customer of this PaymentIntent.");
            }

            intent["payment_method"] = method.Id();
            intent["status"] = intent.Text("status") == "requires_payment_method" ? "requires_confirmation" : intent.Text("status");
        }

        foreach (var name in (ReadOnlySpan<string>)["description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix"])
        {
            if (form.Has(name))
            {
                intent[name] = form.Text(name);
            }
        }

        intent["_return_url"] = form.Text("return_url") ?? intent.Text("_return_url");
    }

    private void Succeed(JsonObject intent, JsonObject method)
    {
        if (world.Store.Find("checkout.session", intent.Text("_session")) is { } session)
        {
            world.Checkouts.NameCustomer(session, intent);
        }

        Save(intent, method);
        var charge = world.Charges.Succeed(intent, method);
        world.Change(intent, "payment_intent.succeeded", value =>
        {
            value["status"] = "succeeded";
            value["amount_received"] = value.Long("amount");
            value["latest_charge"] = charge.Id();
            value["next_action"] = null;
            value["last_payment_error"] = null;
        });
        if (world.Store.Find("invoice", intent.Text("_invoice")) is { } invoice)
        {
            world.Invoices.Paid(invoice, intent);
        }

        if (world.Store.Find("checkout.session", intent.Text("_session")) is { } done)
        {
            world.Checkouts.Complete(done, method, intent);
        }
    }

    // A method that is to be used later belongs to the customer from the first payment on.
    private void Save(JsonObject intent, JsonObject method)
    {
        if (intent.Text("setup_future_usage") is not null && method.Text("customer") is null
            && world.Store.Find("customer", intent.Text("customer")) is { } customer)
        {
            world.PaymentMethods.Attach(method, customer);
        }

        world.Store.Put(method);
    }

    private void AskPayer(JsonObject intent, JsonObject method)
    {
        world.Store.Put(method);
        world.Change(intent, "payment_intent.requires_action", value =>
        {
            value["status"] = "requires_action";
            value["next_action"] = new JsonObject
            {
                ["redirect_to_url"] = new JsonObject
                {
                    ["return_url"] = value.Text("_return_url"),
                    ["url"] = $"{world.Address}/challenge/{value.Id()}",
                },
                ["type"] = "redirect_to_url",
            };
        });
    }

    private void Fail(JsonObject intent, JsonObject method, Verdict verdict)
    {
        var card = PaymentMethods.CardOf(method);
        var charge = verdict == Verdict.Declined ? world.Charges.Fail(intent, method) : null;
        world.Change(intent, "payment_intent.payment_failed", value =>
        {
            value["status"] = "requires_payment_method";
            value["payment_method"] = null;
            value["next_action"] = null;
            value["latest_charge"] = charge?.Id() ?? value.Text("latest_charge");
            value["last_payment_error"] = new JsonObject
            {
                ["charge"] = charge?.Id(),
                ["code"] = verdict switch
                {
                    Verdict.Declined => card.Code,
                    Verdict.PayerAway => "authentication_required",
                    _ => "payment_intent_authentication_failure",
                },
                ["decline_code"] = verdict switch
                {
                    Verdict.Declined => card.DeclineCode,
                    Verdict.PayerAway => "authentication_required",
                    _ => null,
                },
                ["message"] = verdict switch
                {
                    Verdict.Declined => card.Message,
                    Verdict.PayerAway => "Your card was declined. This transaction requires authentication.",
                    _ => "We are unable to authenticate your payment method. Please choose a different payment method "
                        + "and try again.",
                },
                ["payment_method"] = Json.Shown(method),
                ["type"] = verdict == Verdict.NeedsPayer ? "invalid_request_error" : "card_error",
            };
        });
    }

    private static ApiException NeedsPayer(JsonObject intent) =>
        new(402, "card_error", "Your card was declined. This transaction requires authentication.")
        {
            Code = "authentication_required",
            DeclineCode = "authentication_required",
            More = new JsonObject { ["payment_intent"] = Json.Shown(intent) },
        };

    private static void Expect(JsonObject intent, string act, params ReadOnlySpan<string> statuses)
    {
        if (!statuses.Contains(intent.Text("status")!))
        {
            throw new ApiException(
                400,
                "invalid_request_error",
                $"This PaymentIntent could not be {act} because it has a status of {intent.Text("status")}. Only a "
                    + $"PaymentIntent with one of the following statuses may be {act}: {string.Join(", ", statuses.ToArray())}.")
            {
                Code = "payment_intent_unexpected_state",
                More = new JsonObject { ["payment_intent"] = Json.Shown(intent) },
            };
        }
    }
}
