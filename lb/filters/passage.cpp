#include "lb/filters/filter.hpp"

#include <utility>

namespace lb::filters {

Next Filter::on_request(const Request&, Passage&) const { return Next::Pass; }
void Filter::on_response(Response&, Passage&) const {}
Next Filter::on_subanswer(const Subanswer*, const Request&, Passage&) const { return Next::Pass; }
Next Filter::on_verified(bool, const Request&, Passage&) const { return Next::Pass; }

Next Passage::on_request(const Request& request) { return walk(Next::Pass, request); }

Next Passage::on_subanswer(const Subanswer* answer, const Request& request) {
  const auto& asker = *chain_->filters[at_ - 1];
  return walk(asker.on_subanswer(answer, request, *this), request);
}

Next Passage::on_verified(bool right, const Request& request) {
  const auto& asker = *chain_->filters[at_ - 1];
  verification_.reset();
  return walk(asker.on_verified(right, request, *this), request);
}

Next Passage::walk(Next last, const Request& request) {
  while (last == Next::Pass && at_ < chain_->filters.size())
    last = chain_->filters[at_++]->on_request(request, *this);
  return last;
}

void Passage::edit(http::RequestHead& head) const {
  if (target_) head.target = *target_;
  if (authority_) head.authority = *authority_;
  for (const auto& edit : edits_) {
    if (edit.kind == Edit::Add) {
      head.fields.push_back({edit.name, edit.value, http::identify(edit.name), false});
      continue;
    }
    for (auto& field : head.fields)
      if (http::read_alike(field.name, edit.name)) field.connection_specific = true;
  }
}

void Passage::on_response(Response& response) {
  auto& fields = response.head.fields;
  fields.insert(fields.end(), response_fields_.begin(), response_fields_.end());
  for (auto i = chain_->filters.size(); i-- > 0;) chain_->filters[i]->on_response(response, *this);
}

void Passage::note(const Filter& filter, std::uint64_t what) {
  for (auto& [by, noted] : notes_)
    if (by == &filter) noted = what;
  if (noted(filter) != what) notes_.emplace_back(&filter, what);
}

std::uint64_t Passage::noted(const Filter& filter) const {
  for (const auto& [by, what] : notes_)
    if (by == &filter) return what;
  return 0;
}

std::string_view Passage::keep(std::string text) {
  texts_.push_back(std::make_unique<const std::string>(std::move(text)));
  return *texts_.back();
}

Next Passage::reply(Answer answer) {
  answer_ = std::move(answer);
  if (answer_.status == 0) answer_.status = row_of(answer_.reason).status;
  return Next::Answer;
}

Next Passage::refuse(Reason reason, http::Fields fields, unsigned status) {
  return reply({.reason = reason, .status = status, .fields = std::move(fields), .is_page = true});
}

void Passage::add_response_field(std::string_view name, std::string_view value) {
  response_fields_.push_back({name, value, http::identify(name), false});
}

Next Passage::ask(Subrequest subrequest) {
  subrequest_ = std::move(subrequest);
  return Next::Ask;
}

Next Passage::verify(std::shared_ptr<Verification> verification) {
  verification_ = std::move(verification);
  return Next::Verify;
}

}  // namespace lb::filters
